"""`pvo` and `python -m bot`."""

import sys

from bot.cli import app
from bot.model.errors import PvoError

UNUSABLE = 2


def main() -> None:
    """Runs the command line; what a person can mend is told in a sentence, with exit status 2."""
    try:
        app(prog_name="pvo")
    except PvoError as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(UNUSABLE)


if __name__ == "__main__":
    main()
