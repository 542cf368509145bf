"""The environment, `.env` and `sites.toml`: with `locale` the only reader of `os.environ`."""

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.locale import locale_language
from bot.model.errors import Unusable
from bot.model.inventory import Inventory, Secret
from bot.model.languages import languages, name_languages

Level = Literal["debug", "info", "warning", "error"]

REDIS_SCHEMES = ("redis", "rediss", "unix", "redis+sentinel")
TOKEN_PREFIXES = {"slack_bot_token": "xoxb-", "slack_app_token": "xapp-"}
SHORTEST_KEY = 16
PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def _check_api_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.port == 0:
        raise ValueError("must be an address such as https://slack.com/api/")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or password; remove what stands before the @")
    if parts.query or parts.fragment:
        raise ValueError("must end with its path; remove ? or # and what follows")
    return value


def _check_address(value: str | None) -> str | None:
    try:
        return value and str(ip_address(value))
    except ValueError:
        raise ValueError("must be an IP address of this machine, such as 127.0.0.1") from None


def _check_language(value: str | None) -> str | None:
    if value is not None and value not in languages():
        raise ValueError(f"must be {name_languages()}")
    return value


class Settings(BaseSettings):
    """Everything that the environment may say; see the contract, section 2."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: Annotated[str, AfterValidator(_check_api_url)] = "https://slack.com/api/"
    redis_url: str | None = None
    port: Annotated[int, Field(ge=1, le=65535)] = 3000
    pvo_inventory: Path | None = None
    pvo_language: Annotated[str | None, AfterValidator(_check_language)] = None
    pvo_log_level: Level = "info"
    pvo_log_format: Literal["console", "json"] = "console"
    pvo_metrics_host: Annotated[str | None, AfterValidator(_check_address)] = None
    pvo_metrics_port: Annotated[int | None, Field(ge=1, le=65535)] = None
    pvo_concurrency: Annotated[int, Field(ge=1, le=64)] = 8
    pvo_approval_key: SecretStr | None = None
    pvo_audit_days: Annotated[int, Field(ge=1, le=36_500)] = 730
    pvo_history_days: Annotated[int, Field(ge=1, le=180)] = 30
    otel_exporter_otlp_endpoint: str | None = None
    otel_exporter_otlp_traces_endpoint: str | None = None

    @field_validator("slack_bot_token", "slack_app_token")
    @classmethod
    def _right_kind(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        prefix = TOKEN_PREFIXES[info.field_name or ""]
        if value is not None and not value.get_secret_value().startswith(prefix):
            raise ValueError(f"must begin with {prefix}")
        return value

    @field_validator("pvo_approval_key")
    @classmethod
    def _hard_to_guess(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < SHORTEST_KEY:
            raise ValueError(f"must have at least {SHORTEST_KEY} characters")
        return value

    @field_validator("redis_url")
    @classmethod
    def _known_scheme(cls, value: str | None) -> str | None:
        if value is not None and urlsplit(value).scheme not in REDIS_SCHEMES:
            raise ValueError("must begin with redis://, rediss://, unix:// or redis+sentinel://")
        return value

    @property
    def traces_url(self) -> str | None:
        """Where spans go, as OpenTelemetry defines it: the URL for traces, else that of the collector with a path."""
        if self.otel_exporter_otlp_traces_endpoint or not self.otel_exporter_otlp_endpoint:
            return self.otel_exporter_otlp_traces_endpoint
        return f"{self.otel_exporter_otlp_endpoint.rstrip('/')}/v1/traces"


def load_settings(*required: str) -> Settings:
    """The settings; raises `Unusable` naming every missing (of `required`) and malformed one at once.

    `a|b` requires one of the two.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        complaints = [f"{str(item['loc'][0]).upper()} {_plain(item)}" for item in error.errors()]
        raise Unusable("Unusable settings: " + "; ".join(complaints) + ".") from None
    except OSError as error:
        raise Unusable(f".env: cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Unusable(".env: is not UTF-8 text; write it again as such.") from None
    missing = [
        " or ".join(name.upper().split("|"))
        for name in required
        if all(getattr(settings, one) is None for one in name.split("|"))
    ]
    if missing:
        raise Unusable(f"Missing settings: {', '.join(missing)}. Set them in the environment or in .env.")
    return settings


def log_format() -> Literal["console", "json"]:
    """How a process is to log whose other settings may be unusable."""
    return "json" if _LogFormat().pvo_log_format.strip() == "json" else "console"


class _LogFormat(BaseSettings):
    model_config = Settings.model_config

    pvo_log_format: str = ""


def proxy_in_the_way(url: str) -> str | None:
    """The proxy variable that would catch calls to a loopback `url` (the Slack client ignores NO_PROXY)."""
    if urlsplit(url).hostname not in ("127.0.0.1", "localhost", "::1"):
        return None
    return next((name for name in os.environ if name.lower() in PROXIES), None)


def environment(changes: Mapping[str, str]) -> dict[str, str]:
    """The environment for a child process of ours: this one with `changes`, without proxies."""
    kept = {name: value for name, value in os.environ.items() if name.lower() not in PROXIES}
    return kept | dict(changes)


def preferred_language(settings: Settings) -> str:
    """What PVO_LANGUAGE says, else the locale."""
    return settings.pvo_language or locale_language()


def read_secret(secret: Secret) -> str:
    """The secret itself, read now; raises `Unusable` naming the variable or the file, never the value."""
    if secret.env is not None:
        value = os.environ.get(secret.env)
        if not value:
            raise Unusable(f"The environment variable {secret.env}, which the inventory names, is not set.")
        return value
    try:
        return Path(secret.file or "").read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise Unusable(f"The file {secret.file}, which the inventory names, cannot be read: {why}.") from None


def load_inventory(path: Path) -> Inventory:
    """The inventory in `path`; files it names are relative to it. Raises `Unusable`: file, table, key, remedy."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Unusable(f"{path}: cannot be read: {error.strerror}. Name another with --inventory.") from None
    except RecursionError:
        raise Unusable(f"{path}: is nested too deeply; an inventory has four levels at most.") from None
    except ValueError as error:  # of TOML, of UTF-8, or a number that is too long
        raise Unusable(f"{path}: is not TOML: {error}.") from None
    try:
        inventory = Inventory.model_validate(_absolute(raw, path.resolve().parent))
    except ValidationError as error:
        raise Unusable("\n".join(dict.fromkeys(_complaint(path, item) for item in error.errors()))) from None
    for table, key, file in _files(inventory):
        if not os.access(file, os.R_OK):
            raise Unusable(
                f"{path}: [{table}] {key}: the file {file} cannot be read; create it or correct the name."
            )
    return inventory


class InventoryFile:
    """The inventory on disk, read again when it changes; a broken change is reported and the last good one stays."""

    def __init__(self, path: Path, load: Callable[[Path], Inventory] = load_inventory) -> None:
        self._path, self._load = path, load
        self._stamp = self._look()
        self._current = load(path)
        self._problem: str | None = None

    def __call__(self) -> Inventory:
        """The last good one."""
        stamp = self._look()
        if stamp != self._stamp:
            self._stamp = stamp
            self._reload()
        return self._current

    def read_present(self) -> Inventory:
        """The one that the file holds now; raises `Unusable` where it holds none that can be used."""
        current = self()
        if self._problem is not None:
            raise Unusable(self._problem)
        return current

    def _reload(self) -> None:
        import structlog  # `pvo logs` and --help have no use for it, and it takes long to load

        log = structlog.get_logger()
        try:
            self._current, self._problem = self._load(self._path), None
            log.info("inventory.reloaded", file=str(self._path))
        except Unusable as error:
            self._problem = str(error)
            log.error("inventory.broken", file=str(self._path), error=str(error), kept="the last good one")

    def _look(self) -> tuple[int, ...] | None:
        try:
            found = self._path.stat()
        except (OSError, ValueError):
            return None
        return found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size  # ctime: its mode changed


def _absolute(raw: dict[str, Any], base: Path) -> dict[str, Any]:
    """`raw` with the files of its accounts made absolute."""
    for appliance in _tables(raw.get("appliances")):
        for account in (appliance, *_tables({"change": appliance.get("change")})):
            for secret in _tables({key: account.get(key) for key in ("password", "key")}):
                _anchor(secret, "file", base)
            _anchor(account, "known_hosts", base)
    return raw


def _tables(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield from (item for item in value.values() if isinstance(item, dict))


def _anchor(table: dict[str, Any], key: str, base: Path) -> None:
    if isinstance(table.get(key), str):
        table[key] = str(base / os.path.expanduser(table[key]))  # leaves a ~ that it does not know


def _files(inventory: Inventory) -> Iterator[tuple[str, str, str]]:
    """(table, key, file) of the files that hold no secret and can be looked at by every process."""
    for name, appliance in inventory.appliances.items():
        if appliance.known_hosts:
            yield f"appliances.{name}", "known_hosts", appliance.known_hosts


def _complaint(path: Path, item: Any) -> str:
    where = [str(part) for part in item["loc"]]
    depth = 2 if where[:1] in (["appliances"], ["sites"]) else 1
    table, key = ".".join(where[:depth]), ".".join(where[depth:])
    place = f" [{table}]" if table else ""
    return f"{path}:{place}{' ' + key + ':' if key else ''} {_plain(item)}."


def _plain(item: Any) -> str:
    """Pydantic's complaint in an administrator's words, without the value: it may be a secret in a wrong place."""
    match item["type"]:
        case "extra_forbidden":
            return "is not a key that pvo knows; remove it or correct its spelling"
        case "missing":
            return "is missing; add it"
        case "literal_error":
            return f"must be {item['ctx']['expected']}"
        case "string_pattern_mismatch":
            return f"has the wrong form (expected {item['ctx']['pattern']})"
        case _:
            return str(item["msg"]).removeprefix("Value error, ").rstrip(".")
