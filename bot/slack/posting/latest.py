"""Which run a card shows: its own, or the latest one of the trouble that a scheduled card stands for."""

from bot.model.run import Run
from bot.slack.desk import Stores


async def read_shown(stores: Stores, run_id: str) -> Run | None:
    """The card's run with the report that it shows; None when it is no longer kept; raises `StateUnavailable`."""
    run = await stores.runs.get(run_id)
    if run is None or run.request.user is not None:
        return run
    troubles = await stores.watches.troubles(run_id)
    if not troubles or troubles[0].latest.run == run_id:
        return run
    latest = await stores.runs.get(troubles[0].latest.run)
    return run.model_copy(update={"report": latest.report}) if latest and latest.report else run
