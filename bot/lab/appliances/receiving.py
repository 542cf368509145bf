"""What an appliance does with a message that arrived over CPQ."""

from bot.lab.appliances.appliance import Appliance
from bot.lab.appliances.ordinary import write_delivery
from bot.lab.appliances.parts import Message

MAX_QUARANTINED = 500


def write_headers(message: Message) -> list[str]:
    """The metadata of a quarantined message as the lab puts it before the body."""
    return [
        f"X-Lab-Origin: {message.origin}",
        f"X-Lab-MID: {message.original_mid}",
        f"X-Lab-Quarantine: {message.quarantine}",
        f"X-Lab-Reason: {message.reason}",
    ]


def receive(appliance: Appliance, source: str, lines: list[str]) -> int:
    """File a message that `source` sent and return its new MID; raises ValueError without its metadata."""
    headers = dict(line.split(": ", 1) for line in lines if line.startswith("X-Lab-"))
    if len(headers) < len(write_headers(Message(0, "", 0, "", ""))):
        raise ValueError("the message lacks the metadata of a CPQ transfer")
    message = Message(
        mid=appliance.count("mid"),
        origin=headers["X-Lab-Origin"],
        original_mid=int(headers["X-Lab-MID"]),
        quarantine=headers["X-Lab-Quarantine"],
        reason=headers["X-Lab-Reason"],
    )
    if appliance.model.product == "sma":
        _quarantine(appliance, message)
    else:
        _take_back(appliance, source, message)
    return message.mid


def _quarantine(sma: Appliance, message: Message) -> None:
    with sma.lock:
        sma.quarantine.append(message)
        expired = sma.quarantine[:-MAX_QUARANTINED]
        del sma.quarantine[:-MAX_QUARANTINED]
    sma.log.write(f'MID {message.mid} quarantined to "{message.quarantine}" ({message.reason})')
    for old in expired:
        sma.log.write(f'MID {old.mid} deleted from quarantine "{old.quarantine}" (expired)')


def _take_back(esa: Appliance, source: str, message: Message) -> None:
    esa.log.write(
        f"MID {message.mid} received from the SMA {source} (MID originally {message.original_mid}) "
        f'on release from quarantine "{message.quarantine}"',
        f"MID {message.mid} queued for delivery",
    )
    write_delivery(esa, message.mid)
