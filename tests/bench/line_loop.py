"""The job done by one plain loop over the lines of a log: what `pvo logs` is compared with. Prints its counts."""

import json
import re
import sys
from collections import Counter

LINE = re.compile(
    rb"\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} \w+: (?:"
    rb"New SMTP DCID (?P<opened>\d+) interface \S+ address \S+ port 7025"
    rb"|DCID (?P<ok>\d+) TLS success .* the\.cpq\."
    rb"|DCID (?P<tls>\d+) TLS failed"
    rb"|Delivery start DCID (?P<start>\d+) MID (?P<message>\d+) to RID \[[\d, ]*\] to Centralized Policy Quarantine"
    rb"|Message done DCID (?P<done>\d+) MID \d+ to RID \[[\d, ]*\] \(centralized policy quarantine\)"
    rb"|Connection Error: DCID (?P<error>\d+) domain: the\.cpq\."
    rb"|(?P<kind>Delayed|Bounced): DCID (?P<late>\d+) MID (?P<mid>\d+) "
    rb"|MID (?P<enqueued>\d+) enqueued for transfer to centralized quarantine "
    rb"|MID \d+ (?P<left>released|deleted) from quarantine \".*\" \((?P<why>.*)\)"
    rb"|New CPQ ICID (?P<come>\d+) "
    rb"|ICID (?P<icid>\d+) (?P<action>RELAY|ACCEPT|REJECT|TCPREFUSE) SG )"
)


def count(path: str) -> Counter[str]:
    """The counts of a log by the names of the JSON document."""
    counts: Counter[str] = Counter()
    connections: set[bytes] = set()
    waiting: set[bytes] = set()
    messages: set[bytes] = set()
    peers: set[bytes] = set()
    with open(path, "rb") as log:
        for line in log:
            match = LINE.match(line)
            if match is None:
                continue
            found = match.groupdict()
            dcid = found["opened"] or found["ok"] or found["start"] or found["done"] or found["error"]
            if dcid and dcid not in connections:
                connections.add(dcid)
                counts["sent.connections"] += 1
            counts["sent.tls_ok"] += found["ok"] is not None
            counts["sent.tls_failed"] += found["tls"] in connections
            counts["sent.started"] += found["start"] is not None
            counts["sent.done"] += found["done"] is not None
            counts["sent.connection_errors"] += found["error"] is not None
            counts["quarantine.enqueued"] += found["enqueued"] is not None
            if found["message"]:
                messages.add(found["message"])
            if found["enqueued"]:
                waiting.add(found["enqueued"])
            if found["kind"] and (found["late"] in connections or found["mid"] in waiting):
                counts["sent." + found["kind"].decode().lower()] += 1
            if found["left"]:
                counts["quarantine." + found["left"].decode()] += 1
                counts["quarantine.released_queue_full"] += found["why"] == b"queue full"
            if found["come"]:
                peers.add(found["come"])
                counts["received.connections"] += 1
            if found["icid"] in peers:
                peers.discard(found["icid"])
                accepted = found["action"] in (b"RELAY", b"ACCEPT")
                counts["received.accepted" if accepted else "received.rejected"] += 1
    counts["sent.messages"] = len(messages)
    return counts


if __name__ == "__main__":
    print(json.dumps(count(sys.argv[1])))
