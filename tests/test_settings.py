"""The environment and the inventory: what is wrong with them is said in sentences that name file, table and key."""

import contextlib
import copy
import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model.errors import Unusable
from bot.model.inventory import Accepted, Access, Account, Appliance, Limits, Maintenance, Secret, Site
from bot.settings import (
    InventoryFile,
    Settings,
    environment,
    load_inventory,
    load_settings,
    preferred_language,
    proxy_in_the_way,
    read_secret,
)

GOOD = """
[access]
operators = ["U0OPERATOR"]
[appliances.sma-a]
product = "sma"
host = "192.0.2.10"
username = "pvo"
password = { env = "SMA_PASSWORD" }
[appliances.esa-a1]
product = "esa"
host = "192.0.2.21"
username = "pvo"
key = { file = "keys/esa" }
[sites.site-a]
title = "Site A"
sma = "sma-a"
esas = ["esa-a1"]
"""


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "REDIS_URL",
        "PORT",
        "PVO_LANGUAGE",
        "LC_ALL",
        "LC_MESSAGES",
    ):
        monkeypatch.delenv(name, raising=False)


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sites.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_all_missing_settings_are_named_at_once() -> None:
    with pytest.raises(Unusable, match="SLACK_BOT_TOKEN, REDIS_URL"):
        load_settings("slack_bot_token", "redis_url")


def test_all_malformed_settings_are_named_at_once_and_never_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "hunter2")
    monkeypatch.setenv("REDIS_URL", "http://hunter2@nowhere")
    monkeypatch.setenv("PORT", "99999")
    with pytest.raises(Unusable) as caught:
        load_settings()
    sentence = str(caught.value)
    assert all(name in sentence for name in ("SLACK_BOT_TOKEN", "REDIS_URL", "PORT"))
    assert "hunter2" not in sentence


def test_a_dotenv_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("REDIS_URL=redis://127.0.0.1/3\n")
    assert load_settings("redis_url").redis_url == "redis://127.0.0.1/3"


@pytest.mark.parametrize(("lang", "language"), [("es_MX.UTF-8", "es"), ("de_DE.UTF-8", "en"), ("", "en")])
def test_the_locale_chooses_the_language(lang: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", lang)
    assert preferred_language(load_settings()) == language


def test_a_proxy_is_in_the_way_of_loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://192.0.2.1:3128")
    assert proxy_in_the_way("http://127.0.0.1:8025/api/") == "HTTPS_PROXY"
    assert proxy_in_the_way("https://slack.example/api/") is None
    assert "HTTPS_PROXY" not in environment({})


def test_a_good_inventory(tmp_path: Path) -> None:
    inventory = load_inventory(write(tmp_path, GOOD))
    assert inventory.appliances["sma-a"].address == "192.0.2.10"
    assert inventory.appliances["esa-a1"].key == Secret(file=str(tmp_path / "keys" / "esa"))
    assert inventory.sites["site-a"].mode == "observe"
    kinds = [(subject.kind, str(subject)) for subject in inventory.subjects("site-a")]
    assert kinds == [
        ("sma", "sma-a"),
        ("esa", "esa-a1"),
        ("quarantine", "esa-a1 -> sma-a"),
        ("release", "sma-a -> esa-a1"),
        ("command", "sma-a -> esa-a1"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('{ env = "SMA_PASSWORD" }', '"hunter2"', ["[appliances.sma-a]", "password", "{ env ="]),
        ('username = "pvo"\npassword', 'user = "pvo"\npassword', ["[appliances.sma-a]", "user", "username"]),
        ('sma = "sma-a"', 'sma = "sma-b"', ["sites.site-a.sma", "no appliance", "sma-a"]),
        ('sma = "sma-a"', 'sma = "esa-a1"', ["sites.site-a.sma", "esa-a1", '"sma"']),
        ('esas = ["esa-a1"]', "esas = []", ["[sites.site-a]", "esas"]),
        ('title = "Site A"', 'title = "Site A"\nmode = "fix"', ["[sites.site-a]", "mode", "remediate"]),
        (
            'title = "Site A"',
            'title = "Site A"\ntimezone = "Mars"',
            ["[sites.site-a]", "timezone", "Europe/Madrid"],
        ),
        ('"U0OPERATOR"', '"bob"', ["[access]", "operators.0", "[UWS]"]),
        ('host = "192.0.2.10"', 'host = "192.0.2.10"\nport = 0', ["[appliances.sma-a]", "port"]),
        ('host = "192.0.2.10"', 'host = "192.0.2.10"\nknown_hosts = "nope"', ["known_hosts", "nope"]),
        ("[access]", "[access", ["is not TOML"]),
        ("[access]", "x = " + "[" * 5000 + "]" * 5000 + "\n[access]", ["nested too deeply"]),
        ("[access]", "x = " + "9" * 5000 + "\n[access]", ["is not TOML"]),
        (
            'title = "Site A"',
            f'title = "A"\nlimits = {{ log_minutes = {10**10} }}',
            ["limits.log_minutes", "527040"],
        ),
        (
            'title = "Site A"',
            f'title = "A"\nlimits = {{ queue_age_minutes = {10**10} }}',
            ["limits.queue_age_minutes"],
        ),
        (
            'title = "Site A"',
            f'title = "A"\nlimits = {{ queue_recipients = {10**10} }}',
            ["limits.queue_recipients"],
        ),
        ('title = "Site A"', 'title = "A"\nwatch = "0 0 31 2 *"', ["[sites.site-a] watch", "never comes"]),
        (
            'title = "Site A"',
            'title = "A"\nmaintenance = [{ cron = "0 0 30 2 *", minutes = 5 }]',
            ["[sites.site-a] maintenance.0.cron", "never comes"],
        ),
        (
            'title = "Site A"',
            f'title = "A"\nmaintenance = [{{ cron = "0 0 * * *", minutes = {10**10} }}]',
            ["[sites.site-a] maintenance.0.minutes"],
        ),
        ('file = "keys/esa"', 'file = "a\\u0000b"', ["[appliances.esa-a1]", "key.file"]),
        (
            'host = "192.0.2.10"',
            'host = "192.0.2.10"\nknown_hosts = "a\\u0000b"',
            ["[appliances.sma-a]", "known_hosts"],
        ),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) else "",
)
def test_what_is_wrong_is_named(old: str, new: str, words: list[str], tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(Unusable) as caught:
        load_inventory(path)
    sentence = str(caught.value)
    assert sentence.startswith(str(path))
    assert all(word in sentence for word in words), sentence
    assert "hunter2" not in sentence


WORD = "hunter2-hunter2"
REFERENCES = {("appliances", "sma-a", "known_hosts")}
"""Keys that name a file, which is told."""
FULL = {
    "access": {"operators": ["U0OPERATOR"], "approvers": ["U0APPROVER"], "approvals_channel": "C0APPROVALS"},
    "appliances": {
        "sma-a": {
            "product": "sma",
            "host": "192.0.2.10",
            "port": 22,
            "address": "192.0.2.10",
            "username": "pvo",
            "password": {"env": "SMA_PASSWORD"},
            "host_key": "ssh-ed25519 AAAA",
            "legacy_ssh": False,
            "sessions": 3,
            "cpq_probe": "off",
            "change": {"username": "pvo-change", "password": {"env": "SMA_CHANGE"}},
        },
        "esa-a1": {
            "product": "esa",
            "host": "192.0.2.21",
            "username": "pvo",
            "key": {"file": "keys/esa"},
        },
    },
    "sites": {
        "site-a": {
            "title": "Site A",
            "sma": "sma-a",
            "esas": ["esa-a1"],
            "cpq_port": 7025,
            "mode": "remediate",
            "timezone": "Europe/Madrid",
            "approvers": ["U0SITEA"],
            "channel": "C0OPS",
            "watch": "*/15 * * * *",
            "accepted": [
                {"finding": "x", "subject": "sma-a", "until": dt.date(2030, 1, 1), "reason": "known"}
            ],
            "maintenance": [{"cron": "0 3 * * 0", "minutes": 60}],
            "limits": {"queue_recipients": 1, "queue_age_minutes": 1, "log_minutes": 1},
        }
    },
}
Place = tuple[str | int, ...]


def dump(value: object) -> str:
    """TOML of one value."""
    match value:
        case bool():
            return str(value).lower()
        case dict():
            return "{" + ", ".join(f"{dump(key)} = {dump(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(dump, value)) + "]"
        case str():
            return json.dumps(value, ensure_ascii=False)
    return str(value)


def write_tables(tmp_path: Path, tables: dict[str, Any]) -> Path:
    return write(tmp_path, "\n".join(f"{dump(key)} = {dump(value)}" for key, value in tables.items()))


def places(value: object, before: Place = ()) -> Iterator[Place]:
    """Every key and index of a document."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*before, key)
            yield from places(inner, (*before, key))


def put(place: Place, value: object) -> dict[str, Any]:
    """The full inventory with another value there."""
    changed: Any = copy.deepcopy(FULL)
    at = changed
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    return cast("dict[str, Any]", changed)


def test_the_full_inventory_has_every_key(tmp_path: Path) -> None:
    """So that the next tests miss none, but for the two that exclude others."""
    load_inventory(write_tables(tmp_path, FULL))
    written = {key for place in places(FULL) for key in place if isinstance(key, str)}
    for model in (Access, Appliance, Account, Secret, Site, Accepted, Maintenance, Limits):
        assert set(model.model_fields) - written <= {"known_hosts"}


@pytest.mark.parametrize(
    "wrap", [str, lambda word: [word], lambda word: {"env": word}, lambda word: {word: 1}]
)
@pytest.mark.parametrize("place", list(places(FULL)), ids=lambda place: ".".join(map(str, place)))
def test_a_secret_in_a_wrong_place_is_not_told(
    place: Place, wrap: Callable[[str], object], tmp_path: Path
) -> None:
    value = wrap(WORD)
    told = ""
    try:
        load_inventory(write_tables(tmp_path, put(place, value)))
    except Unusable as error:
        told = str(error)
    if isinstance(value, dict) and WORD in value:
        return  # the name of a key is told: it is what has to be mended
    assert WORD not in told


JUNK: st.SearchStrategy[object] = st.recursive(
    st.none().map(lambda _: [])
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**10, -(10**10), 2**63, 10**400, 0, -1])
    | st.floats()
    | st.dates()
    | st.text(st.characters(codec="utf-8"), max_size=8)
    | st.sampled_from(
        [
            "",
            "~x/y",
            "\0",
            "0 0 31 2 *",
            "* * * * * *",
            "R * * * *",
            "../..",
            "off",
            ":1",
            "sma-a",
            "..",
            "U" * 99,
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["env", "file", "cron", "minutes", "x", ""]), inner, max_size=3)
    ),
    max_leaves=4,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(place=st.sampled_from(list(places(FULL))), junk=JUNK)
def test_whatever_an_inventory_holds_is_loaded_or_unusable(
    place: Place, junk: object, tmp_path: Path
) -> None:
    path = write_tables(tmp_path, put(place, junk))
    with contextlib.suppress(Unusable):
        load_inventory(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(
    content=st.binary(max_size=60)
    | st.sampled_from([b"[" * 9999, b"a" + b".a" * 2_000 + b"=1", b"x={a=" * 9999])
)
def test_whatever_a_file_holds_is_unusable_at_worst(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "sites.toml"
    path.write_bytes(content)
    with contextlib.suppress(Unusable):
        load_inventory(path)


def complaint() -> str | None:
    """What is said about the settings as they are now, None where they can be used."""
    try:
        proxy_in_the_way(load_settings().slack_api_url)
    except Unusable as error:
        return str(error)
    return None


NAMES = sorted(name.upper() for name in Settings.model_fields)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(
    name=st.sampled_from(NAMES),
    value=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
    | st.sampled_from(
        ["http://[", "https://x:99999/", "redis://[", "1" * 5000, "nan", "://", "https://a@b/", "-1"]
    ),
)
def test_whatever_a_setting_says_is_read_or_unusable(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    told = complaint()
    monkeypatch.delenv(name)
    assert told is None or name in told


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["hunter2", "xoxb-hunter2", "https://hunter2:hunter2@slack.example/api/"])
def test_a_secret_in_a_wrong_setting_is_not_told(
    name: str, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, form)
    told = complaint()
    assert told is None or (name in told and "hunter2" not in told)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SLACK_API_URL", "https://me:hunter2@slack.example/api/", "user name or password"),
        ("SLACK_API_URL", "slack.example/api", "https://slack.com/api/"),
        ("SLACK_API_URL", "https://slack.example/api/?token=hunter2", "? or #"),
        ("PVO_METRICS_HOST", "hunter2", "IP address"),
        ("PVO_AUDIT_DAYS", "10000000000", "36500"),
        ("SLACK_APP_TOKEN", "xoxb-hunter2", "xapp-"),
        ("PVO_LOG_LEVEL", "hunter2", "'debug'"),
    ],
)
def test_what_is_wrong_with_a_setting_is_said(
    name: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Unusable) as caught:
        load_settings()
    assert name in str(caught.value)
    assert words in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_dotenv_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"REDIS_URL=\xff")
    with pytest.raises(Unusable, match=r"\.env"):
        load_settings()


def test_a_missing_inventory_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"nowhere\.toml.*--inventory"):
        load_inventory(tmp_path / "nowhere.toml")


def test_secrets_are_read_when_they_are_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMA_PASSWORD", "hunter2")
    (tmp_path / "secret").write_text("correct horse\n")
    assert read_secret(Secret(env="SMA_PASSWORD")) == "hunter2"
    assert read_secret(Secret(file=str(tmp_path / "secret"))) == "correct horse"
    with pytest.raises(Unusable, match="NOT_SET"):
        read_secret(Secret(env="NOT_SET"))
    with pytest.raises(Unusable, match="absent"):
        read_secret(Secret(file=str(tmp_path / "absent")))


def test_a_changed_inventory_is_read_again_and_a_broken_one_is_not_taken(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    inventory = InventoryFile(path)
    write(tmp_path, GOOD.replace("Site A", "Another title"))
    assert inventory().sites["site-a"].title == "Another title"
    write(tmp_path, "[broken")
    assert inventory().sites["site-a"].title == "Another title"
    path.unlink()
    assert inventory().sites["site-a"].title == "Another title"
    write(tmp_path, GOOD)
    assert inventory().sites["site-a"].title == "Site A"


def test_an_inventory_that_cannot_be_read_now_is_told_until_it_is_mended(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    inventory = InventoryFile(path)
    assert inventory.read_present() == inventory()
    for harm in (lambda: write(tmp_path, "[broken"), path.unlink):
        harm()
        for _ in range(2):
            with pytest.raises(Unusable, match=r"sites\.toml"):
                inventory.read_present()
            assert inventory().sites["site-a"].title == "Site A"
        write(tmp_path, GOOD)
        assert inventory.read_present() == inventory()
