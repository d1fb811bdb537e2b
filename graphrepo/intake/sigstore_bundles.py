"""Signatures of attestations, verified by Sigstore's own library without a network.

The library comes with the extra ``attestations`` and takes a second and 45 MB to load, so it is
loaded when the first attestation comes. It checks the signature, the certificate up to the
authority, its timestamp from the certificate log, and the entry in the transparency log with
its proofs. What was signed, and whether by the right person, is for the registry to say.
"""

import asyncio
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from graphrepo.errors import AttestationsUnavailableError, InvalidAttestationError
from graphrepo.intake.trust_root import TrustRoot
from graphrepo.registry.signatures import Signed

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

# Extensions of Fulcio's certificates: who vouched for the signer, and for which repository.
_ISSUER: Final = "1.3.6.1.4.1.57264.1.8"
_OLDER_ISSUER: Final = "1.3.6.1.4.1.57264.1.1"  # the text alone, without its type
_REPOSITORY: Final = "1.3.6.1.4.1.57264.1.12"
_UTF8_STRING: Final = 0x0C  # of ASN.1, in DER
_LONG_FORM: Final = 0x80


class SigstoreBundles:
    """Verifies bundles against a trust root."""

    def __init__(self, root: TrustRoot) -> None:
        """Load nothing yet."""
        self._root = root

    async def verify(self, bundle: bytes) -> Signed:
        """Return who signed what.

        Raises:
            InvalidAttestationError: a signature, a certificate, a log or a proof is not good.
            AttestationsUnavailableError: the library is not installed, or there is no trust root.
        """
        if find_spec("sigstore") is None:
            raise AttestationsUnavailableError(
                "This server cannot verify attestations; its operator installs"
                " graphrepo[attestations]. Until then, upload without one."
            )
        return await asyncio.to_thread(_verified, bundle, await self._root.current())


class _Reader:
    """Stands where the library asks whether a signer is the right one: reads who it is."""

    identity = ""
    issuer = ""
    repository: str | None = None

    def verify(self, cert: "Certificate") -> None:
        """Read the certificate, which the library has proven by then."""
        self.identity = _alternative_name(cert)
        self.issuer = _text(cert, _ISSUER) or _plain_text(cert, _OLDER_ISSUER) or ""
        self.repository = _text(cert, _REPOSITORY)


def _verified(bundle: bytes, root: bytes) -> Signed:
    # Here, not above: with the extra alone, and slow to load.
    from sigstore.models import Bundle, TrustedRoot  # noqa: PLC0415
    from sigstore.verify import Verifier  # noqa: PLC0415
    from sigstore_models.trustroot.v1 import TrustedRoot as Document  # noqa: PLC0415

    reader = _Reader()
    try:
        verifier = Verifier(trusted_root=TrustedRoot(Document.from_json(root)))
    except Exception as error:
        raise AttestationsUnavailableError(
            "This server cannot verify attestations: its trust root is no such document; its"
            " operator corrects GRAPHREPO_SIGSTORE_TRUST_ROOT."
        ) from error
    try:
        kind, payload = verifier.verify_dsse(Bundle.from_json(bundle), reader)
    except Exception as error:  # whatever a stranger's bundle makes the library say, it is not good
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise InvalidAttestationError(
            f"The attestation could not be verified: {reason}. Sign the file anew."
        ) from error
    return Signed(reader.identity, reader.issuer, reader.repository, kind, payload)


def _alternative_name(certificate: "Certificate") -> str:
    """Return the one name that a certificate of Fulcio's is about."""
    from cryptography.x509 import (  # noqa: PLC0415
        RFC822Name,
        SubjectAlternativeName,
        UniformResourceIdentifier,
    )

    names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    known = [name for name in names if isinstance(name, RFC822Name | UniformResourceIdentifier)]
    if len(known) != 1 or len(list(names)) != 1:
        raise ValueError("the certificate is not about exactly one address")
    return known[0].value


def _text(certificate: "Certificate", oid: str) -> str | None:
    """Return the text of an extension that holds one UTF8String."""
    data = _extension(certificate, oid)
    if data is None:
        return None
    size = 2 if data[1] < _LONG_FORM else 2 + data[1] - _LONG_FORM
    if data[0] != _UTF8_STRING:
        raise ValueError(f"the extension {oid} of the certificate is no text")
    return data[size:].decode()


def _plain_text(certificate: "Certificate", oid: str) -> str | None:
    data = _extension(certificate, oid)
    return None if data is None else data.decode()


def _extension(certificate: "Certificate", oid: str) -> bytes | None:
    return next(
        (
            extension.value.public_bytes()
            for extension in certificate.extensions
            if extension.oid.dotted_string == oid
        ),
        None,
    )
