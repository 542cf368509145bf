"""Ordinary mail on an ESA: log lines of public SMTP, and of a spam quarantine that is not CPQ."""

from bot.lab.appliances.appliance import Appliance

NEXT_HOP = ("example.net", "192.0.2.25")
SPAM_PORT = 6025

SUBJECTS = (
    "Minutes of the meeting",
    "Offer 4711, second version",
    "Info: DCID 5 TLS failed: verify error: no certificate from server",
    "Re: lunch on Friday",
    "New SMTP DCID 9 interface 10.10.20.1 address 10.10.10.1 port 7025",
)


def write_arrival(esa: Appliance) -> int:
    """Log a message coming in from the Internet; returns its MID."""
    interface = esa.interfaces[0]
    icid, mid = esa.count("icid"), esa.count("mid")
    sender = "colleague@example.org"
    esa.log.write(
        f"New SMTP ICID {icid} interface {interface.name} ({interface.address}) "
        "address 203.0.113.7 reverse dns host mail.example.org verified yes",
        f"ICID {icid} ACCEPT SG UNKNOWNLIST match sbrs[-1.0:10.0] SBRS 3.4 country United States",
        f"Start MID {mid} ICID {icid}",
        f"MID {mid} ICID {icid} From: <{sender}>",
        f"MID {mid} ICID {icid} RID 0 To: <reader@example.com>",
        f"MID {mid} Message-ID '<{mid}.{icid}@example.org>'",
        f"MID {mid} Subject '{SUBJECTS[mid % len(SUBJECTS)]}'",
        f"MID {mid} ready {2000 + mid % 977} bytes from <{sender}>",
        f"MID {mid} matched all recipients for per-recipient policy DEFAULT in the inbound table",
        f"ICID {icid} close",
    )
    return mid


def write_delivery(esa: Appliance, mid: int) -> None:
    """Log a message leaving for its mailbox."""
    host, address = NEXT_HOP
    dcid = esa.count("dcid")
    esa.log.write(
        f"New SMTP DCID {dcid} interface {esa.delivery_source} address {address} port 25",
        f"Delivery start DCID {dcid} MID {mid} to RID [0]",
        f"Message done DCID {dcid} MID {mid} to RID [0] [('from', 'colleague@example.org')]",
        f"MID {mid} RID [0] Response '2.0.0 Ok: queued as 4D{mid:06X}'",
        f"Message finished MID {mid} done",
        f"DCID {dcid} close",
    )
    with esa.lock:
        esa.destination(host).delivered += 1


def write_spam(esa: Appliance, mid: int, quarantine_address: str) -> None:
    """Log a message going to the spam quarantine: port 6025, close to CPQ in looks only."""
    dcid = esa.count("dcid")
    esa.log.write(
        f"ISQ: Tagging MID {mid} for quarantine",
        f"New SMTP DCID {dcid} interface {esa.delivery_source} address {quarantine_address} port {SPAM_PORT}",
        f"Delivery start DCID {dcid} MID {mid} to RID [0] to offbox IronPort Spam Quarantine",
        f"Message done DCID {dcid} MID {mid} to RID [0] (external quarantine) ",
        f"Message finished MID {mid} done",
        f"DCID {dcid} close",
    )
    with esa.lock:
        esa.destination("the.euq.host").delivered += 1
