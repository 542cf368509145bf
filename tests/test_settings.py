"""The environment and the inventory: what is wrong with them is said in sentences that name file, table and key."""

from pathlib import Path

import pytest

from bot.model.errors import Unusable
from bot.model.inventory import Secret
from bot.settings import (
    InventoryFile,
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
        ('sma = "sma-a"', 'sma = "sma-b"', ["sites.site-a.sma", "sma-b", "sma-a"]),
        ('sma = "sma-a"', 'sma = "esa-a1"', ["sites.site-a.sma", "esa-a1", '"sma"']),
        ('esas = ["esa-a1"]', "esas = []", ["[sites.site-a]", "esas"]),
        ('title = "Site A"', 'title = "Site A"\nmode = "fix"', ["[sites.site-a]", "mode", "remediate"]),
        ('title = "Site A"', 'title = "Site A"\ntimezone = "Mars"', ["[sites.site-a]", "timezone", "Mars"]),
        ('"U0OPERATOR"', '"bob"', ["[access]", "operators", "bob"]),
        ('host = "192.0.2.10"', 'host = "192.0.2.10"\nport = 0', ["[appliances.sma-a]", "port"]),
        ('host = "192.0.2.10"', 'host = "192.0.2.10"\nknown_hosts = "nope"', ["known_hosts", "nope"]),
        ("[access]", "[access", ["is not TOML"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_named(old: str, new: str, words: list[str], tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(Unusable) as caught:
        load_inventory(path)
    sentence = str(caught.value)
    assert sentence.startswith(str(path))
    assert all(word in sentence for word in words), sentence
    assert "hunter2" not in sentence


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
