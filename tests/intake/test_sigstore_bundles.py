"""Bundles of a Sigstore of the tests' own, verified by the real library and its rules."""

import asyncio
import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from graphrepo.errors import AttestationsUnavailableError, InvalidAttestationError
from graphrepo.intake.sigstore_bundles import SigstoreBundles
from graphrepo.intake.trust_root import TrustRoot, shipped
from graphrepo.registry.signatures import Signed
from tests.builders import package
from tests.clocks import HandClock
from tests.sigstore import GITHUB, WORKFLOW, Sigstore, statement

ZLIB = package("zlib")
STATEMENT = statement(ZLIB, "https://packages.example/lab")
SIGSTORE = Sigstore()
Spoil = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sigstore") / "trusted_root.json"
    path.write_bytes(SIGSTORE.trust_root())
    return path


def verify(bundle: dict[str, Any] | bytes, root: Path) -> Signed:
    sent = bundle if isinstance(bundle, bytes) else json.dumps(bundle).encode()
    return asyncio.run(SigstoreBundles(TrustRoot(HandClock(), root)).verify(sent))


@pytest.mark.parametrize("version", ["+json;version=0.2", "+json;version=0.3", ".v0.3+json"])
def test_a_good_bundle_tells_who_signed_what(root: Path, version: str) -> None:
    media_type = f"application/vnd.dev.sigstore.bundle{version}"
    signed = verify(SIGSTORE.bundle(STATEMENT, media_type=media_type), root)
    assert (signed.identity, signed.issuer) == (WORKFLOW, GITHUB)
    assert signed.repository == "https://github.com/octo/repo"
    assert signed.payload_type == "application/vnd.in-toto+json"
    assert json.loads(signed.payload) == STATEMENT


def test_people_sign_by_mail_address_and_have_no_repository(root: Path) -> None:
    signed = verify(SIGSTORE.bundle(STATEMENT, identity="ada@example.org", repository=None), root)
    assert (signed.identity, signed.repository) == ("ada@example.org", None)


def test_long_texts_in_certificates_are_read(root: Path) -> None:
    long = "https://github.com/octo/" + "r" * 300
    assert verify(SIGSTORE.bundle(STATEMENT, repository=long), root).repository == long


def entry(bundle: dict[str, Any]) -> dict[str, Any]:
    return bundle["verificationMaterial"]["tlogEntries"][0]


def flipped(text: str) -> str:
    """Return base64 of the same bytes but for one bit."""
    data = bytearray(base64.b64decode(text))
    data[len(data) // 2] ^= 1
    return base64.b64encode(data).decode()


def spoil_payload(bundle: dict[str, Any]) -> None:
    other = json.dumps(statement(package("other"))).encode()
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(other).decode()


def spoil_signature(bundle: dict[str, Any]) -> None:
    signature = bundle["dsseEnvelope"]["signatures"][0]
    signature["sig"] = SIGSTORE.bundle(STATEMENT)["dsseEnvelope"]["signatures"][0]["sig"]


def spoil_payload_type(bundle: dict[str, Any]) -> None:
    bundle["dsseEnvelope"]["payloadType"] = "text/plain"


def spoil_certificate(bundle: dict[str, Any]) -> None:
    held = bundle["verificationMaterial"]["certificate"]
    held["rawBytes"] = flipped(held["rawBytes"])


def spoil_entry(bundle: dict[str, Any]) -> None:
    entry(bundle)["canonicalizedBody"] = flipped(entry(bundle)["canonicalizedBody"])


def spoil_proof(bundle: dict[str, Any]) -> None:
    hashes = entry(bundle)["inclusionProof"]["hashes"]
    hashes[0] = flipped(hashes[0])


def spoil_root_hash(bundle: dict[str, Any]) -> None:
    proof = entry(bundle)["inclusionProof"]
    proof["rootHash"] = flipped(proof["rootHash"])


def spoil_checkpoint(bundle: dict[str, Any]) -> None:
    checkpoint = entry(bundle)["inclusionProof"]["checkpoint"]
    checkpoint["envelope"] = checkpoint["envelope"].replace("\n4\n", "\n5\n")


def spoil_promise(bundle: dict[str, Any]) -> None:
    promise = entry(bundle)["inclusionPromise"]
    promise["signedEntryTimestamp"] = flipped(promise["signedEntryTimestamp"])


def spoil_time(bundle: dict[str, Any]) -> None:
    entry(bundle)["integratedTime"] = str(int(entry(bundle)["integratedTime"]) + 1)


def leave_out_promise(bundle: dict[str, Any]) -> None:
    del entry(bundle)["inclusionPromise"]


def leave_out_proof(bundle: dict[str, Any]) -> None:
    del entry(bundle)["inclusionProof"]


def leave_out_entry(bundle: dict[str, Any]) -> None:
    bundle["verificationMaterial"]["tlogEntries"] = []


def take_another_entry(bundle: dict[str, Any]) -> None:
    other = SIGSTORE.bundle(statement(package("other")))
    bundle["verificationMaterial"]["tlogEntries"] = [entry(other)]


def leave_out_envelope(bundle: dict[str, Any]) -> None:
    del bundle["dsseEnvelope"]


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_payload,
        spoil_signature,
        spoil_payload_type,
        spoil_certificate,
        spoil_entry,
        spoil_proof,
        spoil_root_hash,
        spoil_checkpoint,
        spoil_promise,
        spoil_time,
        leave_out_promise,
        leave_out_proof,
        leave_out_entry,
        take_another_entry,
        leave_out_envelope,
    ],
)
def test_a_bundle_with_one_thing_wrong_is_refused(root: Path, spoil: Spoil) -> None:
    bundle = SIGSTORE.bundle(STATEMENT)
    spoil(bundle)
    with pytest.raises(InvalidAttestationError, match="could not be verified"):
        verify(bundle, root)


@pytest.mark.parametrize(
    "stranger",
    [
        replace(SIGSTORE, authority=Sigstore().authority),
        replace(SIGSTORE, certificate_log=Sigstore().certificate_log),
        replace(SIGSTORE, log=Sigstore().log),
    ],
    ids=["authority", "certificate log", "transparency log"],
)
def test_authority_and_logs_must_be_those_of_the_trust_root(root: Path, stranger: Sigstore) -> None:
    with pytest.raises(InvalidAttestationError):
        verify(stranger.bundle(STATEMENT), root)


def test_a_certificate_must_be_logged_and_have_been_valid(root: Path) -> None:
    with pytest.raises(InvalidAttestationError, match="timestamp"):
        verify(SIGSTORE.bundle(STATEMENT, has_sct=False), root)
    with pytest.raises(InvalidAttestationError):
        verify(SIGSTORE.bundle(STATEMENT, lifetime=timedelta(seconds=-30)), root)


@pytest.mark.parametrize("sent", [b"", b"[]", b"{}", b'{"mediaType": 1}', b"\xff", b"[" * 100_000])
def test_nonsense_is_refused(root: Path, sent: bytes) -> None:
    with pytest.raises(InvalidAttestationError):
        verify(sent, root)


def test_without_a_readable_trust_root_nothing_is_verified(tmp_path: Path) -> None:
    good = SIGSTORE.bundle(STATEMENT)
    with pytest.raises(AttestationsUnavailableError, match="cannot be read"):
        verify(good, tmp_path / "missing.json")
    wrong = tmp_path / "wrong.json"
    wrong.write_text("{}")
    with pytest.raises(AttestationsUnavailableError, match="no such document"):
        verify(good, wrong)


def test_the_public_trust_root_comes_with_the_library() -> None:
    assert json.loads(shipped("trusted_root.json"))["certificateAuthorities"]
    assert json.loads(shipped("root.json"))["signed"]["_type"] == "root"
