"""What a caller may set about the simulated site: pace, patience and limits."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LabSettings:
    """Times are seconds. A `message_interval` or `release_interval` of 0 means: only when told.

    The limits go into the inventory; None leaves the product's default.
    """

    message_interval: float = 2.0
    release_interval: float = 5.0
    retry_interval: float = 2.0
    connect_timeout: float = 2.0  # of mail delivery
    telnet_timeout: float = 5.0  # of the CLI's telnet; a real one waits about 75 s
    latency: float = 0.0  # before each command's answer
    log_minutes: int | None = None
    queue_recipients: int | None = None
    queue_age_minutes: int | None = None
