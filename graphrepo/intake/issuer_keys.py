"""The public keys of the services whose tokens are taken (OpenID Connect Discovery 1.0).

They are fetched when a token needs one, from the issuer's own address, and kept for an hour. A
token that names a key which is not among them has them fetched again, but not more than once
a minute: anybody may send such tokens.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from graphrepo.blobs.staging import StagedFile
from graphrepo.clock import Clock
from graphrepo.errors import SourceUnavailableError
from graphrepo.intake.receive import Fetch

_KEPT = timedelta(hours=1)
_PATIENCE = timedelta(minutes=1)


class _Configuration(msgspec.Struct):
    """What is read of ``/.well-known/openid-configuration``."""

    issuer: str
    jwks_uri: str


class _KeySet(msgspec.Struct):
    """A JWK Set (RFC 7517)."""

    keys: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The keys of one issuer as they were when they were fetched."""

    keys: Mapping[str, PyJWK]
    fetched_at: datetime


class IssuerKeys:
    """Finds the key that a token says it was signed with."""

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        """Keep nothing yet; ``fetch`` goes only where the server may be sent to."""
        self._fetch = fetch
        self._clock = clock
        self._shelves: dict[str, _Shelf] = {}
        self._fetching = asyncio.Lock()

    async def key(self, issuer: str, ident: str) -> PyJWK | None:
        """Return the issuer's key of this id, or none where it has no such key.

        Raises:
            SourceForbiddenError: the issuer, or where it keeps its keys, may not be asked.
            SourceUnavailableError: it does not answer as an issuer does.
        """
        async with self._fetching:
            shelf = self._shelves.get(issuer)
            if shelf is None or self._is_stale(shelf, ident):
                shelf = _Shelf(await self._fetched(issuer), self._clock())
                self._shelves[issuer] = shelf
        return shelf.keys.get(ident)

    def _is_stale(self, shelf: _Shelf, ident: str) -> bool:
        age = self._clock() - shelf.fetched_at
        return age >= _KEPT or (ident not in shelf.keys and age >= _PATIENCE)

    async def _fetched(self, issuer: str) -> Mapping[str, PyJWK]:
        address = f"{issuer}/.well-known/openid-configuration"
        told = await self._document(address, _Configuration)
        if told.issuer != issuer:
            raise SourceUnavailableError(f"{address} speaks for another issuer than {issuer}.")
        found = await self._document(told.jwks_uri, _KeySet)
        return {str(key["kid"]): usable for key in found.keys if (usable := _usable(key))}

    async def _document(self, address: str, kind: type[msgspec.Struct]) -> Any:  # noqa: ANN401 - of the kind asked for
        received = await self._fetch(address)
        with received.staged as staged:
            content = await asyncio.to_thread(_read, staged)
        try:
            return msgspec.json.decode(content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise SourceUnavailableError(f"{address} does not hold what it should.") from error


def _usable(key: Mapping[str, Any]) -> PyJWK | None:
    """Return a key for signatures; none for one of another kind, which is no reason to fail."""
    if "kid" not in key or key.get("use", "sig") != "sig":
        return None
    try:
        return PyJWK(dict(key))
    except (PyJWTError, KeyError, TypeError, ValueError):
        return None


def _read(staged: StagedFile) -> bytes:
    staged.file.seek(0)
    return staged.file.read()
