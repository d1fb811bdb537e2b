"""What an attestation must say (CEP 27), and the list of them (CEP 50)."""

import json
from typing import Any

import pytest

from graphrepo.conda.attestations import (
    MAX_BUNDLE_BYTES,
    MAX_BUNDLES,
    PAYLOAD_TYPE,
    Subject,
    check_statement,
    read_bundles,
    sidecar,
)
from graphrepo.errors import InvalidAttestationError
from tests.builders import package
from tests.sigstore import statement

ZLIB = package("zlib")
HERE = "https://packages.example/lab"
SUBJECT = Subject(ZLIB.filename, ZLIB.sha256, (HERE,))
MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
BUNDLE = b'{ "mediaType" : "%s", "b": 1.0 }' % MEDIA_TYPE.encode()


def check(said: object, payload_type: str = PAYLOAD_TYPE) -> str | None:
    return check_statement(payload_type, json.dumps(said).encode(), SUBJECT)


def test_bundles_keep_the_bytes_they_were_sent_in() -> None:
    other = BUNDLE.replace(b" ", b"\n")
    assert read_bundles(b"\n " + BUNDLE + b"\n") == (BUNDLE,)
    assert read_bundles(b" [ " + BUNDLE + b" ,\t" + other + b"]") == (BUNDLE, other)
    assert sidecar([BUNDLE, other]) == b"[" + BUNDLE + b"," + other + b"]"
    assert read_bundles(sidecar([BUNDLE, other])) == (BUNDLE, other)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "no JSON"),
        (b"\xff", "no JSON"),
        (b"{", "no JSON"),
        (b"[{}", "no JSON"),
        (b"[]", "holds 0 bundles"),
        (sidecar([BUNDLE] * (MAX_BUNDLES + 1)), f"holds {MAX_BUNDLES + 1} bundles"),
        (b"1", "JSON object"),
        (b"[[]]", "JSON object"),
        (b"{}", "mediaType is 'None'"),
        (BUNDLE.replace(b"v0.3", b"v0.4"), "mediaType"),
        (BUNDLE.replace(b".v0.3+json", b"+json;version=0.1"), "mediaType"),
        (BUNDLE.replace(b'"b"', b'"mediaType"'), "names a key twice"),
        (BUNDLE.replace(b"1.0", b'{"c": 1, "c": 2}'), "names a key twice"),
        (BUNDLE.replace(b"1.0", b"[" * 5000 + b"]" * 5000), "no JSON"),
        (BUNDLE.replace(b"1.0", b'"%s"' % (b"x" * MAX_BUNDLE_BYTES)), "more than"),
    ],
)
def test_what_is_no_bundle_is_refused(text: bytes, reason: str) -> None:
    with pytest.raises(InvalidAttestationError, match=reason):
        read_bundles(text)


@pytest.mark.parametrize(
    ("said", "target"),
    [
        (statement(ZLIB), None),
        (statement(ZLIB, predicate={}), None),
        (statement(ZLIB, HERE), HERE),
        ({key: each for key, each in statement(ZLIB).items() if key != "predicate"}, None),
    ],
)
def test_a_statement_of_the_file_is_taken(said: dict[str, Any], target: str | None) -> None:
    assert check(said) == target


OTHER = package("other")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ([], "JSON object"),
        (statement(ZLIB, _type="https://in-toto.io/Statement/v0.1"), "no statement"),
        (statement(ZLIB, predicateType="https://slsa.dev/provenance/v1"), "predicateType"),
        (statement(OTHER), "one subject"),
        (statement(ZLIB, subject=[]), "one subject"),
        (statement(ZLIB, subject=statement(ZLIB)["subject"] * 2), "one subject"),
        (
            statement(ZLIB, subject=[{"name": "x.conda", "digest": {"sha256": ZLIB.sha256}}]),
            "one subject",
        ),
        (
            statement(ZLIB, subject=[{"name": ZLIB.filename, "digest": {"sha256": "0" * 64}}]),
            "one subject",
        ),
        (
            statement(ZLIB, subject=[{"name": ZLIB.filename, "digest": {"sha512": ZLIB.sha256}}]),
            "one subject",
        ),
        (statement(ZLIB, HERE + "/"), "targetChannel is https://packages.example/lab/"),
        (statement(ZLIB, "https://elsewhere.example/lab"), "targetChannel is https://elsewhere"),
        (statement(ZLIB, "x" * 3000), "no address"),
        (statement(ZLIB, predicate={"targetChannel": 1}), "no address"),
        (statement(ZLIB, predicate=[]), "no address"),
    ],
)
def test_a_statement_of_something_else_is_refused(said: object, reason: str) -> None:
    with pytest.raises(InvalidAttestationError, match=reason):
        check(said)


def test_only_statements_are_signed() -> None:
    with pytest.raises(InvalidAttestationError, match="payload is of type 'text/plain'"):
        check(statement(ZLIB), "text/plain")
    twice = b'{"subject": [], "subject": []}'
    with pytest.raises(InvalidAttestationError, match="names a key twice"):
        check_statement(PAYLOAD_TYPE, twice, SUBJECT)
