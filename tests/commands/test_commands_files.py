"""The files of commands: whole or not at all, for nobody else, and refused in one sentence when they are no good."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from bot.commands.files import read_capture, write_capture, write_private
from bot.model.capture import Capture, CapturedAppliance, CapturedExchange, CapturedSite
from bot.model.errors import Unusable
from tests.commands.conftest import Pvo

AT = dt.datetime(2026, 11, 24, 3, 0, 0, 123456, tzinfo=dt.UTC)
CAPTURE = Capture(
    pvo="0.1.0",
    id="01J",
    started=AT,
    language="en",
    site=CapturedSite(name="site-a", title="Sitio Ñ", sma="sma-a", esas=("esa-a1",)),
    appliances={
        "sma-a": CapturedAppliance(product="sma", address="10.10.10.1"),
        "esa-a1": CapturedAppliance(product="esa", address="10.10.20.1"),
    },
    exchanges=(CapturedExchange(appliance="sma-a", command="status", text="\x9b31m ‮ é", at=AT),),
)


def write(path: Path, **changes: Any) -> Path:
    document = CAPTURE.model_dump(mode="json", by_alias=True) | changes
    path.write_text(json.dumps(document))
    return path


def test_what_is_written_is_read_again_to_the_microsecond(tmp_path: Path) -> None:
    write_capture(tmp_path / "c.json", CAPTURE)
    assert read_capture(tmp_path / "c.json") == CAPTURE


def test_a_capture_is_private_and_steers_no_terminal(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text("older")
    path.chmod(0o644)
    write_capture(path, CAPTURE)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes().isascii()
    assert [entry.name for entry in tmp_path.iterdir()] == ["c.json"]


def test_a_file_that_cannot_be_put_in_place_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "inside").touch()
    for path in (tmp_path / "taken", tmp_path / "missing" / "c.json"):
        with pytest.raises(Unusable, match="cannot be written"):
            write_private(path, b"x")
    assert [entry.name for entry in tmp_path.iterdir()] == ["taken"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"schema": "pvo-capture/2", "pvo": "9.9"},
            "is a pvo-capture/2 of pvo 9.9; this pvo reads pvo-capture/1",
        ),
        ({"schema": "pvo-report/1"}, "is not a capture"),
        ({"schema": None}, "is not a capture"),
        ({"exchanges": [{"appliance": "sma-a"}]}, "exchanges.0.command"),
        (
            {"site": {"name": "site-a", "title": "x", "sma": "gone", "esas": ["esa-a1"]}},
            "sites.site-a.sma: there is no appliance of that name",
        ),
        (
            {"site": {"name": "s", "title": "x", "sma": "sma-a", "esas": ["esa-a1"], "limits": {"new": 1}}},
            "limits",
        ),
        ({"started": "yesterday"}, "started"),
    ],
)
def test_what_is_no_sound_capture_is_refused(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(Unusable) as caught:
        read_capture(write(tmp_path / "c.json", **changes))
    sentence = str(caught.value)
    assert words in sentence
    assert str(tmp_path / "c.json") in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"[]", b'"x"', b"NaN"])
def test_what_is_no_document_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "c.json").write_bytes(content)
    with pytest.raises(Unusable, match="capture"):
        read_capture(tmp_path / "c.json")


def test_a_cut_capture_is_refused_wherever_it_was_cut(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.json").read_bytes()
    for length in range(0, len(whole) - 1, 7):
        (tmp_path / "c.json").write_bytes(whole[:length])
        with pytest.raises(Unusable, match="was it cut"):
            read_capture(tmp_path / "c.json")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["replay", "nowhere.json"], "nowhere.json: cannot be read"),
        (["replay", "."], "cannot be read"),
        (["replay", "x.json", "--picture", "x.gif"], ".svg"),
        (["check", "site-a", "--inventory", "x.toml", "--picture", "x.jpeg"], ".png"),
        (["check", "site-a", "--inventory", "x.toml", "--capture", "nowhere/c.json"], "cannot be written"),
        (["check", "site-a", "--inventory", "x.toml", "--picture", "nowhere/p.svg"], "cannot be written"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_an_unusable_call_is_one_sentence(pvo: Pvo, arguments: list[str], words: str) -> None:
    done = pvo(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
