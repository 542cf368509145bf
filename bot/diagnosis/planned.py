"""What the inventory says about findings: inside a maintenance window they are planned, some are accepted."""

import datetime as dt
from zoneinfo import ZoneInfo

from croniter import croniter

from bot.model.finding import Finding
from bot.model.inventory import Site


def in_maintenance(site: Site, now: dt.datetime) -> bool:
    """Whether a maintenance window of the site is open at `now`; windows open in the site's time zone."""
    local = now.astimezone(ZoneInfo(site.timezone))
    for window in site.maintenance:
        opened = croniter(window.cron, local + dt.timedelta(seconds=1)).get_prev(dt.datetime)
        if local - opened < dt.timedelta(minutes=window.minutes):
            return True
    return False


def is_accepted(site: Site, finding: Finding, today: dt.date) -> bool:
    """Whether the finding is known and accepted for its subject up to and including today."""
    return any(
        entry.finding == finding.id and entry.subject == str(finding.subject) and today <= entry.until
        for entry in site.accepted
    )
