"""`pvo` and `python -m bot`."""

import gc
import sys
from collections.abc import Callable
from functools import partial

from bot.model.errors import PvoError

UNUSABLE = 2


def main() -> None:
    """Runs the command line; what a person can mend is told in a sentence, with exit status 2."""
    try:
        _load()(prog_name="pvo")
    except PvoError as error:
        from bot.logs import tell_error  # `pvo logs` has no use for it, and it takes long to load

        tell_error(error)
        sys.exit(UNUSABLE)


def _load() -> Callable[..., object]:
    """All commands; `logs` alone where it is called, for it has to be about as fast as grep."""
    if sys.argv[1:2] == ["logs"]:
        from bot.maillog.aside import begin_reader

        gc.disable()  # loading leaves no garbage, and the process ends before that of the rest matters
        reader = begin_reader()
        from bot.commands.logs import alone

        return partial(alone, obj=reader)
    from bot.cli import app

    return app


if __name__ == "__main__":
    main()
