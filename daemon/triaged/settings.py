"""Process settings: environment over secret files over ``triaged.yaml``. The only module that reads the environment."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from triaged import boundary, plugins, yamlfile
from triaged.core import door
from triaged.core.door import Door
from triaged.errors import WrongConfig, WrongUse

_Config = TypeVar("_Config", bound=boundary.Config)

PREFIX = "TRIAGED_"
# The two settings that fill a plugin's Config under another name than TRIAGED_<NAME>_<KEY>.
_RENAMED = {("file", "paths"): "log_files", ("cloudwatch", "groups"): "log_groups"}
_ALIASES = {"github_repository": "TRIAGED_GITHUB_REPOSITORY"}
_PLACES = (Path("triaged.yaml"), Path("/etc/triaged/triaged.yaml"))


class Settings(BaseSettings):
    """Every setting that does not belong to one plugin. Each is ``TRIAGED_`` and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True)

    host: str = "127.0.0.1"
    """Address of the listener."""
    port: int = Field(3000, ge=0, le=65535)
    """Port of the listener; 0 takes a free one."""
    monitor_host: str = "127.0.0.1"
    """Address of the second listener."""
    monitor_port: int | None = Field(None, ge=0, le=65535)
    """Moves `/metrics`, `/health`, `/ready` and the page to a listener of their own."""
    data_dir: Path = Path(".triaged")
    """Where the database and the local tickets live."""
    rules_dir: Path | None = None
    """A folder whose rule files win over the shipped ones, file by file."""
    templates_dir: Path | None = None
    """A folder whose templates win over the shipped ones, file by file."""
    allow_ips: str = ""
    """Addresses and networks, separated by commas, from which webhooks are taken; empty: from everywhere."""
    trusted_proxies: int = Field(0, ge=0, le=10)
    """How many hops in front of us are believed about where a request comes from."""
    admin_token: SecretStr | None = None
    """Opens the page and the writing endpoints; several, separated by spaces, while it is rotated."""
    marker_key: SecretStr | None = None
    """Signs our markers; the same for all instances."""
    github_repository: str = Field("", validation_alias=AliasChoices("TRIAGED_GITHUB_REPOSITORY", "GITHUB_REPOSITORY"))
    """`owner/name`: where an event goes that no route sends elsewhere."""
    checkout: Path | None = None
    """A local git checkout to read code from; the current folder if it is one."""
    scan_interval_seconds: float | None = Field(None, gt=0)
    """How often pull sources are asked; unset: every 5 to 60 seconds, by how much they give."""
    quiet_seconds: float = Field(90, ge=0)
    """How long a request whose answer was lost may still land."""
    update_interval_seconds: float = Field(300, ge=0)
    """A ticket's numbers are written at most this often."""
    dry_run: bool = False
    """Everything but filing."""

    @field_validator("github_repository")
    @classmethod
    def _owner_and_name(cls, value: str) -> str:
        if value and (value.count("/") != 1 or not all(value.split("/"))):
            raise ValueError("is owner/name, such as acme/shop")
        return value

    @field_validator("allow_ips")
    @classmethod
    def _networks(cls, value: str) -> str:
        door.networks(value)
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings

    def entrance(self) -> Door:
        """Who may send webhooks."""
        return Door(door.networks(self.allow_ips), self.trusted_proxies)

    def tokens(self) -> tuple[str, ...]:
        """The admin tokens."""
        return secrets(self.admin_token)

    def marker_keys(self) -> tuple[str, ...]:
        """The first one signs; what one of the others has signed is ours, too."""
        return secrets(self.marker_key)


class Loaded:
    """The settings, and what plugins are configured with."""

    def __init__(self, settings: Settings, values: Mapping[str, str]) -> None:
        self.settings = settings
        self._values = values

    def plugin(self, name: str, config: type[_Config], **given: Any) -> _Config | None:
        """A plugin's Config from TRIAGED_<NAME>_<KEY>; None where none of its settings is there. Raises WrongUse.

        ``given`` are values that are not the operator's to choose.
        """
        keys = {key: variable(name, key) for key in config.model_fields}
        values = {key: self._values.get(setting.removeprefix(PREFIX).lower()) for key, setting in keys.items()}
        block = {key: value for key, value in values.items() if value is not None}
        if not block and not given:
            return None
        own = {"name": name} if "name" in config.model_fields else {}
        try:
            return config.model_validate({**own, **block, **given})
        except ValidationError as error:
            raise WrongUse(_first_mistake(error, keys)) from None

    def has(self, name: str) -> bool:
        """Whether a setting is there: ``github_token``."""
        return name in self._values

    def wanted(self, name: str, config: type[boundary.Config]) -> list[str]:
        """The settings that would switch a plugin on."""
        needed = [key for key, field in config.model_fields.items() if field.is_required() and key != "name"]
        return [variable(name, key) for key in needed]

    def link_hosts(self) -> frozenset[str]:
        """Where links of payloads may lead: the services that we read from, as they are configured."""
        configured = (urlsplit(self._values.get(name, "")).hostname for name in ("sentry_api_url", "slack_api_url"))
        return frozenset({"sentry.io", "slack.com", "console.aws.amazon.com", *filter(None, configured)})

    def secret_values(self) -> tuple[str, ...]:
        """Every configured value that must never leave: of settings whose name says secret, token, key or password."""
        telling = ("secret", "token", "key", "password")
        found = {part for name, value in self._values.items() if any(word in name for word in telling) for part in _parts(value)}
        return tuple(sorted(found))


def _parts(secret: str) -> list[str]:
    """What of a secret setting must never be seen; of a PEM key not the words around it."""
    least = 16 if "-----BEGIN" in secret else 6
    return [part for part in secret.replace("\\n", "\n").split() if len(part) >= least]


def load() -> Loaded:
    """Reads everything. Raises WrongUse with the key and what would be right."""
    values = {**_from_file(), **_from_folder()}
    try:
        own: dict[str, Any] = {_ALIASES.get(name, name): value for name, value in values.items() if name in Settings.model_fields}
        settings = Settings(**own)
    except ValidationError as error:
        raise WrongUse(_first_mistake(error, {name: PREFIX + name.upper() for name in Settings.model_fields})) from None
    return Loaded(settings, {**values, **_from_environment()})


def variable(plugin: str, key: str) -> str:
    """The setting that fills a key of a plugin's Config: ``TRIAGED_SLACK_SIGNING_SECRET``."""
    return PREFIX + _RENAMED.get((plugin, key), f"{plugin}_{key}").upper()


def secrets(value: SecretStr | None) -> tuple[str, ...]:
    """A secret setting takes several values, separated by spaces, while it is being rotated."""
    return tuple(value.get_secret_value().split()) if value else ()


def url(own: Settings, *, monitor: bool = False) -> str:
    """Where the daemon of these settings listens, as seen from this machine."""
    apart = monitor and own.monitor_port is not None
    host, port = (own.monitor_host, own.monitor_port) if apart else (own.host, own.port)
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def data(kind: str) -> Path:
    """The shipped ``rules`` or ``templates``: the checkout's folder, or the one in the wheel."""
    package = Path(__file__).parent
    beside = package.parent.parent / kind
    return beside if (package.parent.parent / "pyproject.toml").is_file() and beside.is_dir() else package / "_defaults" / kind


def _from_environment() -> dict[str, str]:
    found = {name[len(PREFIX) :].lower(): value for name, value in os.environ.items() if name.startswith(PREFIX) and value.strip()}
    for name in ("GITHUB_TOKEN", "GITHUB_REPOSITORY", "GITHUB_API_URL"):
        if os.environ.get(name, "").strip():
            found.setdefault(name.lower(), os.environ[name])
    return found


def _from_folder() -> dict[str, str]:
    folder = os.environ.get("TRIAGED_SECRETS_DIR", "")
    if not folder:
        return {}
    if not Path(folder).is_dir():
        raise WrongUse(f"TRIAGED_SECRETS_DIR={folder}: there is no such folder")
    files = (path for path in Path(folder).iterdir() if path.is_file() and path.stat().st_size < 100_000)
    return {path.name.lower().removeprefix(PREFIX.lower()): path.read_text(encoding="utf-8").strip() for path in files}


def _from_file() -> dict[str, str]:
    named = os.environ.get("TRIAGED_CONFIG", "")
    path = Path(named) if named else next((place for place in _PLACES if place.is_file()), None)
    if path is None:
        return {}
    try:
        document = yamlfile.load(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise WrongUse(f"TRIAGED_CONFIG={path}: cannot be read ({error.strerror})") from None
    if not isinstance(document.data, dict):
        raise WrongUse(f"{path}: holds no settings; one a line, such as `port: 3000`")
    found = {}
    for key, value in document.data.items():
        if isinstance(value, dict):
            raise WrongUse(f"{document.place((key,))}: {key} is one value, or a list")
        name = key.lower().removeprefix(PREFIX.lower())
        if name not in _known():
            raise WrongConfig(document.place((key,)), f"no setting is called {key}; {_nearest(name)}")
        found[name] = ",".join(map(str, value)) if isinstance(value, list) else _text(value)
    return found


def _known() -> set[str]:
    """Every name that a line of ``triaged.yaml`` may have."""
    found = set(Settings.model_fields) | {"github_token", "github_api_url", "secrets_dir"}
    for family in ("sources", "sinks"):
        for plugin in plugins.names(family):
            fields = plugins.load(family, plugin).Config.model_fields
            found |= {variable(plugin, key).removeprefix(PREFIX).lower() for key in fields}
    return found


def _nearest(name: str) -> str:
    close = difflib.get_close_matches(name, sorted(_known()), 1, 0.5)
    return f"did you mean {close[0]}?" if close else "the README lists them all"


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _first_mistake(error: ValidationError, names: Mapping[str, str]) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    key = str(first["loc"][0]) if first["loc"] else ""
    return f"{names.get(key, key)}: {first['msg'].removeprefix('Value error, ')}"
