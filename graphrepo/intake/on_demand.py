"""What asks other servers, loaded when it is first needed.

Its libraries, httpx and cryptography, take a third of a second and 16 MB of every worker, and
many an installation never copies a file from elsewhere nor trusts a CI service.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping

from graphrepo.access.publishers import ProvenIdentity, Provider
from graphrepo.blobs.staging import StagedFile
from graphrepo.clock import Clock
from graphrepo.deferred import Deferred
from graphrepo.intake.addresses import Judge
from graphrepo.intake.receive import Fetch, Received

Prove = Callable[[str], Awaitable[ProvenIdentity]]
"""Says whom a CI service's token is about: ``identity_tokens.IdentityTokens.proven``."""

Stage = Callable[[], StagedFile]


def fetching(stage: Stage, judge: Judge, max_bytes: int, seconds: float) -> Fetch:
    """Return what fetches files of so many bytes, each in so many seconds."""

    def load() -> Fetch:
        from graphrepo.intake.fetching import Bounds, Fetcher  # noqa: PLC0415

        return Fetcher(stage, Bounds(max_bytes, seconds), judge=judge).fetch

    loaded = Deferred(load)

    async def fetch(url: str) -> Received:
        return await (await loaded.get())(url)

    return fetch


def proving(
    fetch: Fetch, issuers: Mapping[Provider, str], audiences: Collection[str], clock: Clock
) -> Prove:
    """Return what checks the tokens of these services; ``fetch`` gets their keys."""

    def load() -> Prove:
        from graphrepo.intake.identity_tokens import IdentityTokens  # noqa: PLC0415
        from graphrepo.intake.issuer_keys import IssuerKeys  # noqa: PLC0415

        return IdentityTokens(IssuerKeys(fetch, clock), issuers, audiences, clock).proven

    loaded = Deferred(load)

    async def prove(token: str) -> ProvenIdentity:
        return await (await loaded.get())(token)

    return prove
