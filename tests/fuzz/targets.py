"""Targets for fuzzing: each takes any bytes, and only a refusal with a code may come of them.

``SEEDS`` are where a run begins. A target also asserts what must hold of whatever it accepts.
"""

import asyncio
import bz2
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from types import MappingProxyType

from graphrepo.conda.index_json import read_index
from graphrepo.conda.limits import Limits
from graphrepo.conda.matchspec import check_matchspec, spec_keys
from graphrepo.conda.names import (
    check_channel_name,
    check_name,
    check_subdir,
    check_version,
    parse_filename,
)
from graphrepo.conda.package import read_package
from graphrepo.conda.patches import instructions_json, parse_instructions
from graphrepo.conda.path_pattern import read_path_pattern
from graphrepo.conda.record import canonical_json
from graphrepo.conda.versions import sort_key
from graphrepo.errors import GraphrepoError
from graphrepo.intake.multipart import FilePart, FormLimits, TextPart, form_parts
from graphrepo.web.conditional import Unsatisfiable, Validators, is_unchanged, span_of
from tests.builders import as_json, bz2_file, package, stored_zip, tar, zst

Target = Callable[[bytes], None]

NOW_MS = 1_800_000_000_000
_LIMITS = Limits()
_BUILT = package("demo", "1.0", depends=["python >=3.9"], run_exports=["demo >=1"])
_NAME = parse_filename(_BUILT.filename)
_VALIDATORS = Validators('"tag"', datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
FORM = "multipart/form-data; boundary=frontier"
_MEMBERS = {"info/index.json": as_json(_BUILT.index), "info/files": b"share/a\n", "share/a": b"a"}


def _package(extension: str, data: bytes) -> None:
    with suppress(GraphrepoError):
        read = read_package(
            BytesIO(data),
            f"demo-1.0-0.{extension}",
            target_subdir=None,
            now_ms=NOW_MS,
            limits=_LIMITS,
        )
        assert (read.name, read.version, read.build) == ("demo", "1.0", "0")
        json.loads(canonical_json(read.record))


def conda(data: bytes) -> None:
    """Read a ``.conda`` file."""
    _package("conda", data)


def bz2_archive(data: bytes) -> None:
    """Read a ``.tar.bz2`` file."""
    _package("tar.bz2", data)


def conda_info(data: bytes) -> None:
    """Read a ``.conda`` file whose metadata is this tar."""
    marker = b'{"conda_pkg_format_version": 2}'
    members = {"metadata.json": marker, "pkg-demo-1.0-0.tar.zst": zst(tar({}))}
    conda(stored_zip({**members, "info-demo-1.0-0.tar.zst": zst(data)}))


def bz2_tar(data: bytes) -> None:
    """Read a ``.tar.bz2`` file of this tar."""
    bz2_archive(bz2.compress(data, 1))


def index_json(data: bytes) -> None:
    """Read an ``index.json``."""
    with suppress(GraphrepoError):
        index = read_index(data, filename=_NAME, target_subdir=None, now_ms=NOW_MS)
        canonical_json(index.record)


def names(data: bytes) -> None:
    """Read file names, and the names of packages, subdirs and channels."""
    text = data.decode(errors="replace")
    for check in (check_name, check_subdir, check_channel_name):
        with suppress(GraphrepoError):
            assert check(text) == text
    with suppress(GraphrepoError):
        parsed = parse_filename(text)
        assert str(parsed) == text


def versions(data: bytes) -> None:
    """Order versions."""
    with suppress(GraphrepoError):
        keys = [sort_key(check_version(text)) for text in data.decode(errors="replace").split("\n")]
        assert all(keys)


def matchspec(data: bytes) -> None:
    """Read a MatchSpec."""
    with suppress(GraphrepoError):
        text = check_matchspec(data.decode(errors="replace"))
        spec_keys(text)


def path_pattern(data: bytes) -> None:
    """Read a pattern of paths and look for it."""
    with suppress(GraphrepoError):
        pattern = read_path_pattern(data.decode(errors="replace"))
        if pattern.expression is not None:
            pattern.expression.search("\nlib/libz.so.1\nbin/python3\n" * 50)


def patches(data: bytes) -> None:
    """Read patch instructions and write them again."""
    with suppress(GraphrepoError):
        read = parse_instructions(data)
        assert parse_instructions(instructions_json(read)) == read


def multipart(data: bytes) -> None:
    """Read a form whole and in small pieces: if both are taken, they say the same.

    The library refuses some malformed headers only if they come in pieces.
    """
    whole = asyncio.run(parts_of([data]))
    pieces = asyncio.run(parts_of([data[start : start + 7] for start in range(0, len(data), 7)]))
    assert whole == pieces or isinstance(whole, str) or isinstance(pieces, str)


def conditions(data: bytes) -> None:
    """Read the headers of conditional requests and ranges."""
    values = (data.decode("latin-1").split("\n") + [""] * 4)[:4]
    kinds = ("range", "if-range", "if-none-match", "if-modified-since")
    headers = {kind: value for kind, value in zip(kinds, values, strict=True) if value}
    is_unchanged(headers, _VALIDATORS)
    for size in (0, 1, 1000):
        with suppress(Unsatisfiable):
            span = span_of(headers, _VALIDATORS, size)
            assert span is None or 0 <= span.start < span.start + span.length <= size


async def parts_of(chunks: Sequence[bytes], kind: str = FORM) -> list[tuple[str, str, bytes]] | str:
    async def stream() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    forms = form_parts(stream(), kind, FormLimits(text_bytes=1000, parts=4))
    try:
        return [await _part(part) async for part in forms]
    except GraphrepoError as error:
        return error.code


async def _part(part: TextPart | FilePart) -> tuple[str, str, bytes]:
    if isinstance(part, TextPart):
        return part.name, "", part.text.encode()
    return part.name, part.filename, b"".join([chunk async for chunk in part.chunks])


_PATCH = {
    "patch_instructions_version": 1,
    "packages": {"demo-1.0-0.tar.bz2": {"depends": ["a"], "license": None}},
    "packages.conda": {},
    "remove": ["demo-2.0-0.conda"],
    "revoke": [],
}
PARTS = (
    b'--frontier\r\nContent-Disposition: form-data; name="sha256"\r\n\r\nabc\r\n'
    b'--frontier\r\nContent-Disposition: form-data; name="file"; filename="a-1-0.conda"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\nbytes\r\n--frontier--\r\n"
)
TARGETS: Mapping[str, tuple[Target, Sequence[bytes]]] = MappingProxyType(
    {
        "conda": (conda, [_BUILT.data]),
        "bz2": (bz2_archive, [bz2_file(_MEMBERS)]),
        "conda_info": (conda_info, [tar(_MEMBERS)]),
        "bz2_tar": (bz2_tar, [tar(_MEMBERS)]),
        "index_json": (index_json, [as_json(_BUILT.index)]),
        "names": (names, [b"demo-1.0-0.conda", b"linux-64", b"conda-forge"]),
        "versions": (versions, [b"1.0\n1!2.0rc1.post3+local_2", b"2024a", b"1.2-3"]),
        "matchspec": (
            matchspec,
            [b"python >=3.9,<4.0a0", b"a[version='>=1',when=\"b\"]", b"c 1.* *_0", b"d (1|2)"],
        ),
        "path_pattern": (path_pattern, [b"/bin/py*on?", b"libz.so"]),
        "patches": (patches, [as_json(_PATCH)]),
        "multipart": (multipart, [PARTS]),
        "conditions": (conditions, [b'bytes=0-9\n"tag"\nW/"tag", "b"\n', b"bytes=-5"]),
    }
)
