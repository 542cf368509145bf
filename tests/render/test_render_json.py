"""The JSON document has exactly the contract's keys, in its order, and harms no terminal."""

import json

from bot.model.finding import Evidence
from bot.model.report import Report
from tests.render.written import render_json

REPORT = "schema id site language started seconds requested_by verdict impact coverage paths checks findings"
FINDING = "id severity role explained_by subject planned accepted title why details evidence fixes"
FIX = "id title applicability approvals steps commands undo risk effect source"


def test_keys_and_their_order_are_the_contract_s(broken: Report) -> None:
    document = json.loads(render_json(broken))

    finding = document["findings"][0]
    assert " ".join(document) == REPORT
    assert " ".join(document["impact"]) == "waiting oldest_minutes bounces_at"
    assert " ".join(document["paths"][0]) == "kind from to status"
    assert " ".join(document["checks"][0]) == "id subject status reason seconds"
    assert " ".join(finding) == FINDING
    assert " ".join(finding["evidence"][0]) == "appliance command excerpt at"
    assert " ".join(finding["fixes"][0]) == FIX
    assert document["findings"][1]["explained_by"] == [
        {"id": "setup.service.sma-suspended", "subject": "sma-a"}
    ]


def test_values_are_plain(broken: Report) -> None:
    document = json.loads(render_json(broken))

    assert document["schema"] == "pvo-report/1"
    assert document["seconds"] == 2.315
    assert document["requested_by"] is None
    assert document["findings"][0]["severity"] == "critical"
    assert document["findings"][0]["fixes"][0]["commands"] == ["resume", ""]


def test_times_are_utc_to_the_second(broken: Report) -> None:
    document = json.loads(render_json(broken))

    assert document["started"] == "2026-11-24T03:00:00Z"
    assert document["findings"][0]["evidence"][0]["at"] == "2026-11-24T03:00:01Z"
    assert document["impact"]["bounces_at"] == "2026-11-27T00:00:00Z"


def test_areas_and_reasons_appear_only_where_there_are_some(broken: Report) -> None:
    finding = broken.findings[0]
    fix = finding.fixes[0].model_copy(update={"applicability": "manual", "because": "Not here."})
    limited = broken.model_copy(
        update={"areas": ("tls", "queue"), "findings": (finding.model_copy(update={"fixes": (fix,)}),)}
    )

    document = json.loads(render_json(limited))

    assert document["areas"] == ["tls", "queue"]
    assert document["findings"][0]["fixes"][0]["because"] == "Not here."


def test_steering_characters_are_escaped_and_survive(broken: Report) -> None:
    hostile = "ünïcode \x1b[2J \x9b31m \u202egnp.exe \x7f"
    evidence = Evidence(appliance="sma-a", command="status", excerpt=hostile, at=broken.started)
    finding = broken.findings[0].model_copy(update={"evidence": (evidence,)})

    text = render_json(broken.model_copy(update={"findings": (finding,)}))

    assert json.loads(text)["findings"][0]["evidence"][0]["excerpt"] == hostile
    assert "ünïcode" in text
    assert not set(text) & set("\x1b\x9b\u202e\x7f")
