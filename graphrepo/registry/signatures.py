"""What a verifier of signatures promises the registry; see ``intake/sigstore_bundles.py``."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from graphrepo.errors import AttestationsUnavailableError


@dataclass(frozen=True, slots=True)
class Signed:
    """What a proven bundle says: who signed which bytes.

    ``identity`` is the signer's address, ``issuer`` who vouched for it, ``repository`` the
    address of the repository whose job signed, for a CI job.
    """

    identity: str
    issuer: str
    repository: str | None
    payload_type: str
    payload: bytes


Verify = Callable[[bytes], Awaitable[Signed]]
"""Proves a bundle, or raises InvalidAttestationError or AttestationsUnavailableError."""


async def no_verifier(_bundle: bytes) -> Signed:
    """Stand where nothing can be proven, so nothing is taken in."""
    raise AttestationsUnavailableError("This server cannot verify attestations; upload without.")
