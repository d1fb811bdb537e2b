"""Tokens in which a CI service says which job holds them: signed JWTs (RFC 7519, OpenID Connect).

Nothing of a token is believed before its signature is checked, but the names of its issuer and
key, and both only choose among what this server knows.
"""

import hashlib
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import jwt
from jwt.exceptions import InvalidTokenError, PyJWTError

from graphrepo.access.publishers import ProvenIdentity, Provider
from graphrepo.clock import Clock
from graphrepo.errors import IdentityTokenRejectedError, NotConfiguredError
from graphrepo.intake.issuer_keys import IssuerKeys

_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "ES256", "ES384")
_MAX_LENGTH: Final = 16 * 1024
_SKEW: Final = timedelta(seconds=30)
_REQUIRED: Final = ("iss", "aud", "exp", "iat")


class IdentityTokens:
    """Checks the tokens of the services that this installation works with."""

    def __init__(
        self,
        keys: IssuerKeys,
        issuers: Mapping[Provider, str],
        audiences: Collection[str],
        clock: Clock,
    ) -> None:
        """Keep what checking needs.

        Args:
            keys: the public keys of issuers.
            issuers: where each service stands.
            audiences: whom a token must be meant for, any of them.
            clock: says whether a token is still good.
        """
        self._keys = keys
        self._providers = {issuer: provider for provider, issuer in issuers.items()}
        self._audiences = frozenset(audiences)
        self._clock = clock

    async def proven(self, token: str) -> ProvenIdentity:
        """Return whom a token is about, after everything that it says of itself was checked.

        Raises:
            IdentityTokenRejectedError: it is no token, of an unknown issuer, for somebody else,
                outdated, or signed by nobody who could.
            NotConfiguredError: the installation does not know by which name it is meant.
            SourceForbiddenError: the issuer may not be asked for its keys.
            SourceUnavailableError: the issuer cannot be asked for its keys.
        """
        if not self._audiences:
            raise NotConfiguredError(
                "This server does not know by which name tokens mean it; its operator sets"
                " GRAPHREPO_BASE_URL."
            )
        issuer, key_id = _named(token)
        provider = self._providers.get(issuer)
        key = await self._keys.key(issuer, key_id) if provider else None
        if provider is None or key is None:
            raise _rejected("its issuer or its key is none that this server knows")
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=list(_ALGORITHMS),
                audience=self._audiences,
                issuer=issuer,
                # By our own clock, below.
                options={
                    "require": list(_REQUIRED),
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except PyJWTError as error:
            raise _rejected(str(error).rstrip(".").lower()) from error
        return ProvenIdentity(provider, claims, _digest(token, claims), self._checked_end(claims))

    def _checked_end(self, claims: Mapping[str, Any]) -> datetime:
        now = self._clock()
        begin, end = (_moment(claims, name) for name in ("nbf", "exp"))
        if end is None or now >= end + _SKEW:
            raise _rejected("it has expired")
        if begin is not None and now < begin - _SKEW:
            raise _rejected("it is not valid yet")
        return end + _SKEW


def _named(token: str) -> tuple[str, str]:
    """Return the issuer and the key that a token names, not yet believed."""
    if len(token) > _MAX_LENGTH:
        raise _rejected("it is too long")
    try:
        head = jwt.get_unverified_header(token)
        told = jwt.decode(token, options={"verify_signature": False})
    except InvalidTokenError as error:
        raise _rejected("it is no JSON Web Token") from error
    return str(told.get("iss")), str(head.get("kid"))


def _moment(claims: Mapping[str, Any], name: str) -> datetime | None:
    value = claims.get(name)
    if value is None:
        return None
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise _rejected(f"its {name} is no time") from error


def _digest(token: str, claims: Mapping[str, Any]) -> bytes:
    """Return what tells a token from all others; a few services leave out ``jti``."""
    name = f"{claims['iss']}\n{claims['jti']}" if "jti" in claims else token
    return hashlib.sha256(name.encode()).digest()


def _rejected(reason: str) -> IdentityTokenRejectedError:
    return IdentityTokenRejectedError(
        f"The identity token was not accepted: {reason}. Ask the CI service for a new one, with"
        " this server's host name as its audience."
    )
