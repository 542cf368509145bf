"""`pvo explain`, `pvo sites`, `pvo schema` as a person and a script use them."""

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from jsonschema.validators import validator_for

from tests.commands.conftest import Pvo


def schema(pvo: Pvo, document: str) -> dict[str, Any]:
    done = pvo("schema", document)
    assert (done.returncode, done.stderr) == (0, "")
    printed: dict[str, Any] = json.loads(done.stdout)
    validator_for(printed).check_schema(printed)
    return printed


def test_explain_tells_what_why_how_and_from_where(pvo: Pvo) -> None:
    done = pvo("explain", "tls.ciphers.admit-anonymous")
    assert (done.returncode, done.stderr) == (0, "")
    text = " ".join(done.stdout.split())
    for words in (
        "The outbound cipher list of ‹appliance› admits anonymous ciphers",
        "no longer offers ciphers without a certificate",
        "‹cipher list with :-aNULL›",
        "after 2 approvals; risk medium",
        "To take it back",
        "TechNote 200068, TLS/Certificates",
        "Explains tls.handshake.anonymous-cipher",
        "(at an SMA)",
    ):
        assert words in text


def test_explain_in_spanish_as_markdown_and_as_json(pvo: Pvo) -> None:
    markdown = pvo("explain", "setup.service.sma-suspended", "--language", "es", "--format", "markdown")
    assert markdown.stdout.startswith("# El SMA ‹equipo› está suspendido")
    assert "\n- `queue.quarantine.stalled`\n" in markdown.stdout

    document = json.loads(
        pvo("explain", "log.delivery.failing", "--format", "json", PVO_LANGUAGE="es").stdout
    )
    assert document["schema"] == "pvo-explanation/1"
    assert document["language"] == "es"
    assert "connectivity.cpq.timeout" in document["explained_by"]


def test_explain_of_an_unknown_finding_names_the_closest(pvo: Pvo) -> None:
    done = pvo("explain", "setup.service.suspended")
    assert (done.returncode, done.stdout) == (2, "")
    assert "setup.service.sma-suspended" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_sites_lists_appliances_mode_and_limits_and_no_account(pvo: Pvo, inventory: Path) -> None:
    text = pvo("sites", "--inventory", inventory)
    assert text.returncode == 0
    for words in (
        "site-a",
        "remediates after approval",
        "192.0.2.1:22",
        "5 recipients waiting",
        "observes only",
    ):
        assert words in " ".join(text.stdout.split())

    document = json.loads(pvo("sites", "--format", "json", PVO_INVENTORY=str(inventory)).stdout)
    assert [site["site"] for site in document["sites"]] == ["site-a", "site-b"]
    assert document["sites"][0]["limits"]["queue_recipients"] == 5
    assert document["sites"][1]["appliances"][1] == {
        "name": "esa-b1",
        "product": "esa",
        "host": "192.0.2.4",
        "port": 22,
        "address": "192.0.2.4",
    }
    markdown = pvo("sites", "--format", "markdown", "--language", "es", "--inventory", inventory).stdout
    assert "| site-a | sma-a | SMA |" in markdown
    assert r"\[B\] \| \<b\>" in markdown
    for printed in (text.stdout, json.dumps(document), markdown):
        for hidden in ("hunter2", "pvo", "password", "U0OPERATOR"):
            assert hidden not in printed.replace("pvo-sites/1", "")


@pytest.mark.parametrize("document", ["report", "capture", "logs", "inventory"])
def test_a_schema_is_a_schema(pvo: Pvo, document: str) -> None:
    assert schema(pvo, document)["$schema"].startswith("https://json-schema.org/draft/2020-12/")


def test_the_inventory_s_schema_takes_an_inventory_and_no_literal_password(pvo: Pvo, inventory: Path) -> None:
    printed = schema(pvo, "inventory")
    tables = json.loads(json.dumps(tomllib.loads(inventory.read_text()), default=str))
    jsonschema.validate(tables, printed)
    tables["appliances"]["sma-a"]["password"] = "hunter2"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tables, printed)


def test_what_logs_prints_obeys_its_schema(pvo: Pvo, tmp_path: Path) -> None:
    head = "Tue Nov 24 02:55:01 2026 Info: "
    lines = (
        "New SMTP DCID 5 interface 10.10.20.1 address 10.10.10.1 port 7025",
        "DCID 5 TLS failed: verify error: no certificate from server",
    )
    (tmp_path / "mail.log").write_text("".join(f"{head}{line}\n" for line in lines))
    document = json.loads(pvo("logs", tmp_path / "mail.log", "--format", "json").stdout)
    printed = schema(pvo, "logs")
    jsonschema.validate(document, printed)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({key: document[key] for key in document if key != "sent"}, printed)


def test_an_unknown_document_is_refused(pvo: Pvo) -> None:
    done = pvo("schema", "nonsense")
    assert done.returncode == 2
    assert "report" in done.stderr
