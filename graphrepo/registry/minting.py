"""Short-lived tokens for CI jobs: the identity that their service signed, exchanged for one."""

import json
from collections.abc import Mapping

from graphrepo.access.publishers import (
    ProvenIdentity,
    Provider,
    claims_at,
    has_claims,
    publisher_of,
)
from graphrepo.access.tokens import new_token, token_digest
from graphrepo.access.viewer import Viewer
from graphrepo.clock import Clock, milliseconds
from graphrepo.errors import IdentityTokenRejectedError, UntrustedPublisherError
from graphrepo.model.database import Database, rows
from graphrepo.model.entities import Channel
from graphrepo.registry.changes import record_event

LIFETIME_MS = 15 * 60 * 1000
"""How long a job may use its token."""

_LOGIN_LENGTH = 60


class Minting:
    """Gives tokens to the jobs that channels trust."""

    def __init__(self, database: Database, clock: Clock, issuers: Mapping[Provider, str]) -> None:
        """Keep what the use case needs."""
        self._database = database
        self._clock = clock
        self._issuers = issuers

    async def mint(self, proven: ProvenIdentity, address: str = "") -> str:
        """Return a new token, good for uploads to every channel that trusts this identity.

        Args:
            proven: what the CI service says of its job.
            address: where the job asks from.

        Raises:
            UntrustedPublisherError: no channel does.
            IdentityTokenRejectedError: there was a token for this identity already.
        """
        issuer = self._issuers[proven.provider]
        now = milliseconds(self._clock())
        return await self._database.transact(_mint, proven, issuer, now, address)


def _mint(proven: ProvenIdentity, issuer: str, now: int, address: str) -> str:
    trusting = _trusting(proven, issuer)
    if not trusting:
        raise UntrustedPublisherError(
            "No channel of this server trusts the job that this token describes; compare the"
            " publishers of your channel with the token's repository, workflow, environment, ref."
        )
    _spend(proven, now)
    token = new_token()
    digest = token_digest(token)
    job = Viewer(None, _login(proven), address=address)
    expires = now + LIFETIME_MS
    for publisher_id, channel_id in trusting.items():
        rows(_INSERT, digest=digest, publisher_id=publisher_id, login=job.login, expires_at=expires)
        record_event(job, "mint_token", now, Channel[channel_id], publisher=publisher_id)
    return token


def _trusting(proven: ProvenIdentity, issuer: str) -> dict[int, int]:
    """Return the channel of each publisher whose claims the identity has."""
    found: dict[int, int] = {}
    for ident, channel_id, written in rows(_PUBLISHERS, provider=proven.provider.value):
        publisher = publisher_of(proven.provider, json.loads(written))
        if has_claims(proven.claims, claims_at(publisher, issuer)):
            found[ident] = channel_id
    return found


def _spend(proven: ProvenIdentity, now: int) -> None:
    rows("DELETE FROM spent_identity WHERE expires_at < $now", now=now)
    rows("DELETE FROM publisher_token WHERE expires_at < $now", now=now)
    if rows("SELECT 1 FROM spent_identity WHERE digest = $digest", digest=proven.digest):
        raise IdentityTokenRejectedError(
            "This identity token was used before; ask the CI service for a new one."
        )
    expires = milliseconds(proven.expires_at)
    rows(_SPEND, digest=proven.digest, expires_at=expires)


def _login(proven: ProvenIdentity) -> str:
    """Return how the audit log names the job; no account can have a name with a space."""
    told = proven.claims
    project = told.get("repository") or told.get("project_path") or told.get("email")
    return f"{proven.provider} {project}"[:_LOGIN_LENGTH]


_PUBLISHERS = """
    SELECT id, channel_id, identity FROM oidc_publisher WHERE provider = $provider ORDER BY id
"""
_INSERT = """
    INSERT INTO publisher_token (digest, publisher_id, login, expires_at)
    VALUES ($digest, $publisher_id, $login, $expires_at)
"""
_SPEND = "INSERT INTO spent_identity (digest, expires_at) VALUES ($digest, $expires_at)"
