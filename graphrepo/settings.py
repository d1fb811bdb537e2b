"""What the operator decides: frozen values, and the only reader of the environment."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from graphrepo.access.attempts import AttemptLimits
from graphrepo.access.publishers import ISSUERS, Provider
from graphrepo.blobs.address import STORE_SECRETS, StoreAddress, parse_address
from graphrepo.errors import InvalidInputError
from graphrepo.intake.sizes import parse_size

T = TypeVar("T")

LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))

PREFIX = "GRAPHREPO_"


class CookieSecurity(StrEnum):
    """When the session cookie is kept to TLS: ``auto`` looks at how the request came in."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class Sendfile(StrEnum):
    """Who sends whole files: this server, or the proxy that understands the header of this name."""

    NO = "no"
    X_ACCEL_REDIRECT = "x-accel-redirect"  # nginx
    X_SENDFILE = "x-sendfile"  # Apache, lighttpd


class LogLevel(StrEnum):
    """How much is logged; ``info`` has one line for each request."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """What a line of the log looks like: for people, or for programs that collect logs."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation's settings; each field is ``GRAPHREPO_<NAME>`` in the environment."""

    data: Path = Path("graphrepo-data")
    store: StoreAddress | None = None  # else a directory in ``data``
    redirect_artifacts: bool = True  # clients fetch packages from an object store themselves
    database: Path | str | None = field(default=None, repr=False)  # a URL may hold a password
    database_connections: int = 8  # of each worker, where it is a PostgreSQL
    database_timeout: int = 120  # seconds for one statement, there
    max_upload_bytes: int = 1024**3
    base_url: str | None = None  # without trailing slash; else the address a request came to
    allow_private_sources: bool = False  # copies from private networks: see intake.addresses
    shard_days: int = 7  # how long superseded shards stay readable; CEP 16 asks for no less
    store_paths: bool = True  # what packages install is kept, shown and searched
    cookie_secure: CookieSecurity = CookieSecurity.AUTO
    allowed_origins: frozenset[str] = frozenset()  # pages of other sites; "*" stands for any
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = LOOPBACK  # their X-Forwarded-* count
    sendfile: Sendfile = Sendfile.NO  # see web.hand_over
    oidc_audience: frozenset[str] = frozenset()  # else the host of ``base_url``
    oidc_issuers: Mapping[Provider, str] = field(default_factory=lambda: dict(ISSUERS))
    sigstore_trust_root: Path | None = None  # a file; else the public one, kept up to date
    # Longer than most clients keep an idle connection, so that the server is seldom the one that
    # closes it, maybe just as a request sets off.
    idle_timeout: int = 75  # seconds: see web.front, too
    login_failures_per_account: int = 10  # in so many seconds: see registry.attempts
    login_failures_per_address: int = 50
    login_failures_seconds: int = 900
    anonymous_searches: int = 300  # in a minute, from one address: see registry.courtesy
    uploads_per_key: int = 32  # at once
    log_level: LogLevel = LogLevel.INFO
    log_format: LogFormat = LogFormat.TEXT
    metrics_token: str | None = field(default=None, repr=False)  # for /metrics; else there is none
    admin_login: str | None = None  # created at the start of ``serve`` if there is no such user
    admin_password: str | None = field(default=None, repr=False)

    @property
    def database_address(self) -> Path | str:
        """The SQLite file, or the URL of the PostgreSQL."""
        return self.database or self.data / "graphrepo.sqlite"

    @property
    def logs_json(self) -> bool:
        """Whether each line of the log is a JSON object."""
        return self.log_format is LogFormat.JSON

    @property
    def attempts(self) -> AttemptLimits:
        """How often passwords may be guessed."""
        return AttemptLimits(
            self.login_failures_per_account,
            self.login_failures_per_address,
            self.login_failures_seconds,
        )

    @property
    def audiences(self) -> frozenset[str]:
        """Whom the tokens of CI services must be meant for; empty where nobody said so."""
        host = urlsplit(self.base_url or "").hostname
        return self.oidc_audience or (frozenset({host}) if host else frozenset())

    @property
    def blobs(self) -> StoreAddress:
        """Where the blobs are: as set, else a directory beside the database."""
        own = StoreAddress("file", prefix=str((self.data / "blobs").absolute()))
        return self.store or own

    @property
    def scratch(self) -> Path:
        """The directory of files under way, where the blobs are on no disk of this machine."""
        return self.data / "staging"

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str] | None = None, **instead: str
    ) -> "Settings":
        """Read the settings; an empty variable counts as absent.

        ``instead`` has texts by the names of settings, which stand in for their variables.

        Raises:
            InvalidInputError: A value is none of its kind; the message names the variable.
        """
        given = os.environ if environ is None else environ  # noqa: TID251 - read here alone
        found = {**given, **{PREFIX + name.upper(): text for name, text in instead.items()}}
        values = {
            name: _parsed(PREFIX + name.upper(), text, parse)
            for name, parse in _PARSERS.items()
            if (text := found.get(PREFIX + name.upper(), "").strip())
        }
        if "store" in values:
            secrets = {name: found[name] for name in STORE_SECRETS if found.get(name)}
            values["store"] = replace(values["store"], secrets=secrets)
        return cls(**values)


def _upload_limit(text: str) -> int:
    size = parse_size(text)
    if size < 1:
        message = "the limit must be at least one byte."
        raise InvalidInputError(message)
    return size


def _database(text: str) -> Path | str:
    scheme, separator, rest = text.partition("://")
    if separator and scheme in {"postgresql", "postgres"} and rest:
        return f"postgresql://{rest}"
    if separator and scheme == "sqlite" and rest.startswith("/") and rest != "/":
        return Path(unquote(rest.removeprefix("/")))
    message = "it must be postgresql://USER:PASSWORD@HOST/NAME or sqlite:///FILE."
    raise InvalidInputError(message)  # without the text, which may hold a password


def _count(least: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isascii() or not text.isdecimal() or int(text) < least:
            message = f"{text!r} must be a whole number of {least} or more."
            raise InvalidInputError(message)
        return int(text)

    return parse


def _address(text: str) -> str:
    parts = urlsplit(text)
    plain = parts.scheme in {"http", "https"} and parts.hostname
    if not plain or parts.query or parts.fragment or parts.path not in {"", "/"}:
        message = f"{text!r} must be http://HOST or https://HOST, without a path."
        raise InvalidInputError(message)
    return text.rstrip("/")


def _origins(text: str) -> frozenset[str]:
    given = (origin.strip() for origin in text.split(","))
    return frozenset(origin if origin == "*" else _address(origin).lower() for origin in given)


def _words(text: str) -> frozenset[str]:
    return frozenset(word for part in text.split(",") if (word := part.strip()))


def _issuers(text: str) -> Mapping[Provider, str]:
    found = dict(ISSUERS)
    for part in text.split(","):
        name, _, address = part.strip().partition("=")
        parts = urlsplit(address)
        if name not in found or parts.scheme not in {"http", "https"} or not parts.hostname:
            message = f"{part.strip()!r} must be github=, gitlab= or google= and an address."
            raise InvalidInputError(message)
        found[Provider(name)] = address.rstrip("/")
    return found


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    if text.lower() == "none":
        return ()
    try:
        return tuple(ip_network(part.strip()) for part in text.split(","))
    except ValueError as error:
        message = f"{error}; write addresses and networks like 10.0.0.0/8, by commas, or none."
        raise InvalidInputError(message) from error


def _choice(kind: type[StrEnum]) -> Callable[[str], StrEnum]:
    def parse(text: str) -> StrEnum:
        try:
            return kind(text.lower())
        except ValueError as error:
            message = f"{text!r} is none of {', '.join(kind)}."
            raise InvalidInputError(message) from error

    return parse


def _switch(text: str) -> bool:
    words = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    if text.lower() not in words:
        message = f"{text!r} is neither yes nor no."
        raise InvalidInputError(message)
    return words[text.lower()]


_PARSERS: Mapping[str, Callable[[str], Any]] = {
    "data": Path,
    "store": parse_address,
    "redirect_artifacts": _switch,
    "database": _database,
    "database_connections": _count(4),
    "database_timeout": _count(1),
    "max_upload_bytes": _upload_limit,
    "base_url": _address,
    "allow_private_sources": _switch,
    "shard_days": _count(1),
    "store_paths": _switch,
    "cookie_secure": _choice(CookieSecurity),
    "allowed_origins": _origins,
    "trusted_proxies": _networks,
    "sendfile": _choice(Sendfile),
    "oidc_audience": _words,
    "oidc_issuers": _issuers,
    "sigstore_trust_root": Path,
    "idle_timeout": _count(1),
    "login_failures_per_account": _count(1),
    "login_failures_per_address": _count(1),
    "login_failures_seconds": _count(1),
    "anonymous_searches": _count(1),
    "uploads_per_key": _count(1),
    "log_level": _choice(LogLevel),
    "log_format": _choice(LogFormat),
    "metrics_token": str,
    "admin_login": str,
    "admin_password": str,
}


def _parsed(variable: str, text: str, parse: Callable[[str], T]) -> T:
    try:
        return parse(text)
    except InvalidInputError as error:
        message = f"The setting {variable} is wrong: {error.message}"
        raise InvalidInputError(message) from error
