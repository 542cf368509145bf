"""The published forms of mail log bodies: by first word, the event and a pattern for all that follows the word.

Group names are the fields of the event. Patterns match to the last character; only a tail that is free text
by nature is open.
"""

from bot.maillog import events as e

_ID = r"\d{1,18}"
_DCID = rf"(?P<dcid>{_ID})"
_ICID = rf"(?P<icid>{_ID})"
_MID = rf"(?P<mid>{_ID})"
_RIDS = r"(?:RID )?\[[\d, ]*\]"
_RECIPIENT = r"(?:to |From: ?<[^>]*> To: ?<[^>]*> )(?:RID )?\[?[\d, ]+\]?"
_FAILED_RECIPIENT = rf"DCID:? {_DCID} (?:MID|Message) {_MID} {_RECIPIENT} - (?P<text>.+)"
_ENDPOINTS = r"details: (?P<details>.*) interface: (?P<interface>\S+)"
_QUARANTINE = r"""["']?(?P<quarantine>.{1,100}?)["']?"""
_WHY = r"(?: \((?P<why>[^()]*)\))?(?: t=\S+)?"
_REASON = r"(?: \((?P<reason>.*)\))?"

Template = tuple[type[e.Event], str]

_CONNECTION: tuple[Template, ...] = (
    (
        e.ConnectionFailed,
        rf"Error: DCID {_DCID} domain: (?P<domain>\S+) IP: (?P<address>\S+) port: (?P<port>\d{{1,5}}) "
        rf"{_ENDPOINTS} reason: (?P<reason>.+)",
    ),
    (
        e.ConnectionFailed,
        rf"Error: DCID:? {_DCID} IP: (?P<address>\S+) {_ENDPOINTS} reason: (?P<reason>.+)",
    ),
    (e.ConnectionFailed, rf"Error: (?P<reason>.+?) DCID: {_DCID} IP: (?P<address>\S+) {_ENDPOINTS}"),
)

_OUTGOING: tuple[Template, ...] = (
    (
        e.TlsOk,
        rf"{_DCID} TLS success(?: protocol (?P<protocol>\S+) cipher (?P<cipher>\S+))?"
        r"(?: (?:for )?(?P<destination>.+))?",
    ),
    (e.TlsFailed, rf"{_DCID} TLS failed(?:: (?P<reason>.+))?"),
    (
        e.TlsRequired,
        rf"{_DCID} (?:IP (?P<address>\S+) )?"
        r"(?P<reason>TLS was required but could not be successfully negotiated)",
    ),
    (e.OutClosed, rf"{_DCID} close"),
)

_INCOMING: tuple[Template, ...] = (
    (e.HatVerdict, rf"{_ICID} (?P<action>ACCEPT|RELAY|REJECT|TCPREFUSE) SG (?P<group>\S+)(?: .*)?"),
    (e.InClosed, rf"{_ICID} (?:close|lost)"),
    (e.Ordinary, rf"{_ID} (?:TLS|Delayed HAT REJECT|Receiving Failed:|Connection from|disconnected)(?: .*)?"),
)

_NEW: tuple[Template, ...] = (
    (
        e.OutOpened,
        rf"(?P<protocol>\w+) DCID {_DCID} interface (?P<interface>.+?) address (?P<address>\S+)"
        r"(?: port (?P<port>\d{1,5}))?(?: .*)?",
    ),
    (
        e.InOpened,
        rf"(?P<protocol>\w+) ICID {_ICID} interface (?P<interface_name>.+?)"
        r"(?: \((?P<interface_address>[^ ()]+)\))? address (?P<address>\S+)(?: .*)?",
    ),
)

_MESSAGE: tuple[Template, ...] = (
    (
        e.Enqueued,
        rf"{_MID} enqueued for transfer to centralized quarantine {_QUARANTINE}{_REASON}",
    ),
    (e.Quarantined, rf"{_MID} quarantined to {_QUARANTINE}{_REASON}"),
    (
        e.Released,
        rf"{_MID} released(?: \(attachments stripped\))? from quarantine {_QUARANTINE}{_WHY}",
    ),
    (e.Deleted, rf"{_MID} deleted from quarantine {_QUARANTINE}{_WHY}"),
    (
        e.Returned,
        rf"{_MID} received from the SMA (?P<address>\S+)(?: \(MID originally (?P<original>{_ID})\))?(?: .*)?",
    ),
    (e.Response, rf"{_MID} RID \[[\d, ]*\] Response (?P<text>.+)"),
    (e.InMessage, rf"{_MID} ICID {_ICID} From: .+"),
    (e.Ordinary, rf"{_ID} ICID {_ID} .+"),
    (
        e.Ordinary,
        rf"{_ID} (?:AMP|Custom|DLP|DKIM:?|DMARC:?|Message-ID|Outbreak|RID|SDR:|SMTP|SPF:|Skip|Subject:?|URL|Virus"
        r"|antivirus|attachment|dropped|enabled|generated|interim|matched|quarantine|queued|ready|rewritten|using"
        r"|was)(?: .*)?",
    ),
    (e.Ordinary, rf"{_ID} (?:released|deleted) from all quarantines"),
    (e.Ordinary, rf"{_ID} to {_RIDS} pending till .+"),
)

TEMPLATES: dict[str, tuple[Template, ...]] = {
    "New": _NEW,
    "DCID": _OUTGOING,
    "Connection": _CONNECTION,
    "Delivery": ((e.Started, rf"start DCID {_DCID} MID {_MID} to {_RIDS}(?: to (?P<destination>.+))?"),),
    "Message": (
        (e.Done, rf"done DCID {_DCID} MID {_MID} to {_RIDS}(?: \((?P<quarantine>[^()]*)\))?(?: \[.*\])?"),
        (e.Ordinary, r"(?:finished|aborted) MID \d+(?: .+)?"),
        (e.Ordinary, rf"{_ID} to {_RIDS} pending till .+"),
    ),
    "Delayed:": ((e.Delayed, _FAILED_RECIPIENT),),
    "Bounced:": ((e.Bounced, _FAILED_RECIPIENT),),
    "SMTP": ((e.OutClosed, rf"client connection killed DCID:? {_DCID}"),),
    "Mail": ((e.OutClosed, rf"delivery client with DCID {_DCID} exited due to .+"),),
    "ICID": _INCOMING,
    "Start": ((e.InMessage, rf"MID {_MID} ICID {_ICID}"),),
    "MID": _MESSAGE,
    "An": ((e.Fault, r"application fault occurred:? ?(?P<text>.*)"),),
    "Deliveries": ((e.Suspended, r"are currently suspended \[(?P<domain>.*)\]"),),
    "Begin": ((e.Ordinary, "Logfile"),),
    "End": ((e.Ordinary, "Logfile"),),
    "Version:": ((e.Ordinary, ".+"),),
    "Status:": ((e.Ordinary, ".+"),),
    "Time": ((e.Ordinary, r"offset from UTC: -?\d+ seconds"),),
    "System": ((e.Ordinary, r"is coming up\."),),
    "A": ((e.Ordinary, r"\S+ alert was sent to .+"),),
    "ISQ:": ((e.Ordinary, ".+"),),
    "EUQ:": ((e.Ordinary, ".+"),),
    "RPC": ((e.Ordinary, "Delivery start RCID .+"),),
    "Deleted:": ((e.Ordinary, "MID .+"),),
}
