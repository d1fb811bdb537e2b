"""Attestations of packages: what a signed statement must say, and the sidecar that lists them.

CEP 27 defines the statement, CEP 50 the sidecar. Signatures are checked elsewhere: here stands
what is left to compare once it is known who signed which bytes.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import msgspec

from graphrepo.conda.json_text import parse_json
from graphrepo.errors import InvalidAttestationError, InvalidMetadataError

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
PREDICATE_TYPE: Final = "https://schemas.conda.org/attestations-publish-1.schema.json"
MEDIA_TYPES: Final = frozenset(
    {
        "application/vnd.dev.sigstore.bundle+json;version=0.2",
        "application/vnd.dev.sigstore.bundle+json;version=0.3",
        "application/vnd.dev.sigstore.bundle.v0.3+json",
    }
)
MAX_BUNDLES: Final = 32
"""Bundles of one file at most."""

MAX_BUNDLE_BYTES: Final = 256 * 1024
_SPACE: Final = b" \t\n\r"  # RFC 8259
_MAX_TARGET: Final = 2083  # CEP 27, characters


@dataclass(frozen=True, slots=True)
class Subject:
    """The file that a statement must be about, and where it may say that the file goes."""

    filename: str
    sha256: str
    channel_urls: Collection[str]


def read_bundles(text: bytes) -> tuple[bytes, ...]:
    """Return the bundles of one object or an array, each with exactly the bytes it was sent in.

    Raises:
        InvalidAttestationError: it is no JSON, names a key twice, or holds no or other things.
    """
    written = text.strip(_SPACE)
    bundles = _elements(written) if written.startswith(b"[") else (written,)
    if not 0 < len(bundles) <= MAX_BUNDLES:
        raise _wrong(f"it holds {len(bundles)} bundles, not 1 to {MAX_BUNDLES}")
    for bundle in bundles:
        _check_bundle(bundle)
    return bundles


def check_statement(payload_type: str, payload: bytes, subject: Subject) -> str | None:
    """Compare what was signed with the file; return the channel that it names, if it does.

    Raises:
        InvalidAttestationError: it is another kind of statement, or of another file or channel.
    """
    if payload_type != PAYLOAD_TYPE:
        raise _wrong(f"its payload is of type {payload_type[:80]!r}, not {PAYLOAD_TYPE}")
    told = _parsed(payload)
    if told.get("_type") != STATEMENT_TYPE:
        raise _wrong(f"it is no statement of type {STATEMENT_TYPE}")
    if told.get("predicateType") != PREDICATE_TYPE:
        raise _wrong(f"its predicateType is not {PREDICATE_TYPE}")
    _check_subject(told.get("subject"), subject)
    return _target(told.get("predicate"), subject)


def sidecar(bundles: Sequence[bytes]) -> bytes:
    """Return ``.sigs``: a JSON array of the bundles, none of their bytes changed (CEP 50)."""
    return b"[" + b",".join(bundles) + b"]"


def _elements(array: bytes) -> tuple[bytes, ...]:
    try:
        return tuple(map(bytes, msgspec.json.decode(array, type=list[msgspec.Raw])))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _wrong("it is no JSON") from error


def _check_bundle(bundle: bytes) -> None:
    if len(bundle) > MAX_BUNDLE_BYTES:
        raise _wrong(f"a bundle has more than {MAX_BUNDLE_BYTES} bytes")
    media_type = _parsed(bundle).get("mediaType")
    if media_type not in MEDIA_TYPES:
        raise _wrong(f"a bundle's mediaType is {str(media_type)[:80]!r}, not of version 0.2 or 0.3")


def _parsed(data: bytes) -> dict[str, Any]:
    # Readers differ in which of two equal keys they believe: what one of them verified would
    # be something else to another.
    try:
        value = parse_json(data, "attestation", unique_keys=True)
    except InvalidMetadataError as error:
        raise _wrong("it is no JSON, or an object in it names a key twice") from error
    if not isinstance(value, dict):
        raise _wrong("a bundle or statement must be a JSON object")
    return cast("dict[str, Any]", value)


def _check_subject(told: object, subject: Subject) -> None:
    expected = {"name": subject.filename, "digest": {"sha256": subject.sha256}}
    if told != [expected]:
        raise _wrong(
            f"its one subject must be {subject.filename} with the SHA-256 {subject.sha256}"
        )


def _target(predicate: object, subject: Subject) -> str | None:
    if predicate is None:
        return None
    target = (
        cast("dict[str, object]", predicate).get("targetChannel")
        if isinstance(predicate, dict)
        else predicate
    )
    if target is None:
        return None
    if not isinstance(target, str) or len(target) > _MAX_TARGET:
        raise _wrong("its targetChannel is no address")
    if target not in subject.channel_urls:
        wanted = " or ".join(sorted(subject.channel_urls))
        raise _wrong(f"its targetChannel is {target[:200]}, and this channel is {wanted}")
    return target


def _wrong(reason: str) -> InvalidAttestationError:
    return InvalidAttestationError(
        f"The attestation was not accepted: {reason}. Sign the file anew, or send it without one"
        " if the channel allows that."
    )
