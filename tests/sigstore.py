"""A Sigstore of the tests' own: authority, certificate log, transparency log, signed bundles.

What Fulcio, the CT log and Rekor do on their servers is done here in memory, with keys made for
the occasion, so that bundles are complete and only the trust root differs from the public one.
"""

import base64
import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypedDict, Unpack

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.builders import Built

GITHUB: Final = "https://token.actions.githubusercontent.com"
WORKFLOW: Final = "https://github.com/octo/repo/.github/workflows/release.yml@refs/heads/main"
PREDICATE: Final = "https://schemas.conda.org/attestations-publish-1.schema.json"
SIGNED_AT: Final = datetime(2026, 1, 2, 3, 0, 0, tzinfo=UTC)

_ORIGIN: Final = "rekor.test - 1"
_SCT_LIST: Final = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_ISSUER: Final = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
_ISSUER_V2: Final = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
_REPOSITORY: Final = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.12")


class Signing(TypedDict, total=False):
    """How a bundle is signed; everything has a sensible default."""

    identity: str
    issuer: str
    repository: str | None
    payload_type: str
    has_sct: bool
    media_type: str
    lifetime: timedelta


def statement(built: Built, target: str | None = None, **changed: object) -> dict[str, Any]:
    """Return the statement that a build makes of a file (CEP 27), with keys laid over."""
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": built.filename, "digest": {"sha256": built.sha256}}],
        "predicateType": PREDICATE,
        "predicate": None if target is None else {"targetChannel": target},
        **changed,
    }


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class Sigstore:
    """The services and their keys."""

    authority: ec.EllipticCurvePrivateKey = field(default_factory=_new_key)
    certificate_log: ec.EllipticCurvePrivateKey = field(default_factory=_new_key)
    log: ec.EllipticCurvePrivateKey = field(default_factory=_new_key)

    def __post_init__(self) -> None:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the tests' authority")])
        usage = _key_usage(key_cert_sign=True, crl_sign=True)
        public = self.authority.public_key()
        self.root = (
            x509.CertificateBuilder(name, name, public, x509.random_serial_number())
            .not_valid_before(SIGNED_AT - timedelta(days=365))
            .not_valid_after(SIGNED_AT + timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .sign(self.authority, hashes.SHA256())
        )

    def trust_root(self) -> bytes:
        """Return ``trusted_root.json``: whom a verifier is to believe."""
        start = {"start": (SIGNED_AT - timedelta(days=365)).isoformat().replace("+00:00", "Z")}
        authority = {
            "subject": {"organization": "tests", "commonName": "authority"},
            "uri": "https://fulcio.test",
            "certChain": {"certificates": [{"rawBytes": _b64(_der(self.root))}]},
            "validFor": start,
        }
        return _json(
            {
                "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                "tlogs": [_log(self.log, "https://rekor.test", start)],
                "certificateAuthorities": [authority],
                "ctlogs": [_log(self.certificate_log, "https://ctfe.test", start)],
                "timestampAuthorities": [],
            }
        )

    def bundle(self, said: Mapping[str, Any] | bytes, **how: Unpack[Signing]) -> dict[str, Any]:
        """Sign what is said, log it, and return the bundle."""
        payload = said if isinstance(said, bytes) else _json(said)
        payload_type = how.get("payload_type", "application/vnd.in-toto+json")
        key = _new_key()
        certificate = self._certificate(key, how)
        signature = key.sign(_envelope(payload_type, payload), ec.ECDSA(hashes.SHA256()))
        envelope = {
            "payload": _b64(payload),
            "payloadType": payload_type,
            "signatures": [{"sig": _b64(signature)}],
        }
        media_type = how.get("media_type", "application/vnd.dev.sigstore.bundle.v0.3+json")
        raw = {"rawBytes": _b64(_der(certificate))}
        held = {"certificate": raw}
        if media_type.endswith("0.2"):
            held = {"x509CertificateChain": {"certificates": [raw]}}
        return {
            "mediaType": media_type,
            "verificationMaterial": {
                **held,
                "tlogEntries": [self._entry(payload, signature, certificate)],
                "timestampVerificationData": {"rfc3161Timestamps": []},
            },
            "dsseEnvelope": envelope,
        }

    def attest(self, built: Built, target: str | None = None, **how: Unpack[Signing]) -> bytes:
        """Return the bundle of a file as a client sends it."""
        return _json(self.bundle(statement(built, target), **how))

    def _certificate(self, key: ec.EllipticCurvePrivateKey, how: Signing) -> x509.Certificate:
        issuer = how.get("issuer", GITHUB).encode()
        san = x509.UniformResourceIdentifier(how.get("identity", WORKFLOW))
        end = SIGNED_AT + how.get("lifetime", timedelta(minutes=10))
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(self.root.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(SIGNED_AT - timedelta(minutes=1))
            .not_valid_after(end)
            .add_extension(_key_usage(digital_signature=True), critical=True)
            .add_extension(usage, critical=False)
            .add_extension(_key_identifier(self.authority), critical=False)
            .add_extension(x509.SubjectAlternativeName([san]), critical=True)
            .add_extension(x509.UnrecognizedExtension(_ISSUER, issuer), critical=False)
            .add_extension(x509.UnrecognizedExtension(_ISSUER_V2, _utf8(issuer)), critical=False)
        )
        repository = how.get("repository", "https://github.com/octo/repo")
        if repository is not None:
            told = x509.UnrecognizedExtension(_REPOSITORY, _utf8(repository.encode()))
            builder = builder.add_extension(told, critical=False)
        if how.get("has_sct", True):
            logged = self._logged(builder.sign(self.authority, hashes.SHA256()))
            extension = x509.UnrecognizedExtension(_SCT_LIST, logged)
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self.authority, hashes.SHA256())

    def _logged(self, precertificate: x509.Certificate) -> bytes:
        """Return the list with the one SCT of a certificate to be (RFC 6962, 3.2 and 3.3)."""
        when = int(SIGNED_AT.timestamp() * 1000)
        tbs = precertificate.tbs_certificate_bytes
        body = struct.pack("!32s", _key_id(self.authority)) + len(tbs).to_bytes(3) + tbs
        signed = struct.pack("!BBQH", 0, 0, when, 1) + body + struct.pack("!H", 0)
        signature = self.certificate_log.sign(signed, ec.ECDSA(hashes.SHA256()))
        sct = struct.pack("!B32sQH", 0, _key_id(self.certificate_log), when, 0)
        sct += struct.pack("!BBH", 4, 3, len(signature)) + signature
        listed = struct.pack("!H", len(sct)) + sct
        return _octets(struct.pack("!H", len(listed)) + listed)

    def _entry(
        self, payload: bytes, signature: bytes, certificate: x509.Certificate
    ) -> dict[str, Any]:
        """Return the entry of the transparency log, the third of four, with all its proofs."""
        verifier = certificate.public_bytes(serialization.Encoding.PEM)
        body = _json(
            {
                "apiVersion": "0.0.1",
                "kind": "dsse",
                "spec": {
                    "envelopeHash": {"algorithm": "sha256", "value": "0" * 64},
                    "payloadHash": {"algorithm": "sha256", "value": _sha256(payload).hex()},
                    "signatures": [{"signature": _b64(signature), "verifier": _b64(verifier)}],
                },
            }
        )
        others = [_leaf(bytes([number])) for number in range(3)]
        left = _node(others[0], others[1])
        root = _node(left, _node(_leaf(body), others[2]))
        integrated = int(SIGNED_AT.timestamp())
        log_id = _key_id(self.log)
        promised = {"body": _b64(body), "integratedTime": integrated}
        promise = _json({**promised, "logID": log_id.hex(), "logIndex": 1002})
        return {
            "logIndex": "1002",
            "logId": {"keyId": _b64(log_id)},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(integrated),
            "inclusionPromise": {"signedEntryTimestamp": _b64(self._signed(promise))},
            "inclusionProof": {
                "logIndex": "2",
                "rootHash": _b64(root),
                "treeSize": "4",
                "hashes": [_b64(others[2]), _b64(left)],
                "checkpoint": {"envelope": self._checkpoint(root, 4)},
            },
            "canonicalizedBody": _b64(body),
        }

    def _checkpoint(self, root: bytes, size: int) -> str:
        note = f"{_ORIGIN}\n{size}\n{_b64(root)}\n"
        signature = _b64(_key_id(self.log)[:4] + self._signed(note.encode()))
        return f"{note}\n— {_ORIGIN.split()[0]} {signature}\n"

    def _signed(self, data: bytes) -> bytes:
        return self.log.sign(data, ec.ECDSA(hashes.SHA256()))


def _log(key: ec.EllipticCurvePrivateKey, url: str, start: Mapping[str, str]) -> dict[str, Any]:
    public = _spki(key)
    return {
        "baseUrl": url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {
            "rawBytes": _b64(public),
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            "validFor": start,
        },
        "logId": {"keyId": _b64(_sha256(public))},
    }


def _key_usage(**wanted: bool) -> x509.KeyUsage:
    names: Sequence[str] = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement"
        " key_cert_sign crl_sign encipher_only decipher_only"
    ).split()
    return x509.KeyUsage(**{name: wanted.get(name, False) for name in names})


def _key_identifier(key: ec.EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _envelope(payload_type: str, payload: bytes) -> bytes:
    """Return what is signed of an envelope (DSSE v1)."""
    head = f"DSSEv1 {len(payload_type)} {payload_type} {len(payload)} "
    return head.encode() + payload


def _leaf(data: bytes) -> bytes:
    return _sha256(b"\0" + data)


def _node(left: bytes, right: bytes) -> bytes:
    return _sha256(b"\1" + left + right)


def _utf8(text: bytes) -> bytes:
    return _tagged(0x0C, text)


def _octets(data: bytes) -> bytes:
    return _tagged(0x04, data)


def _tagged(tag: int, data: bytes) -> bytes:
    """Return the data in DER."""
    if len(data) < 0x80:
        return bytes([tag, len(data)]) + data
    length = len(data).to_bytes((len(data).bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + data


def _spki(key: ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.DER, form)


def _key_id(key: ec.EllipticCurvePrivateKey) -> bytes:
    return _sha256(_spki(key))


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
