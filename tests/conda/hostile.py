"""Packages made to exhaust the server, each with what becomes of it."""

import bz2
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterable
from functools import cache
from random import Random

import zstandard

from tests.builders import Options, as_json, bz2_file, index_json, stored_zip, tar, zst
from tests.conda.archives import tar_of

INDEX = as_json(index_json("a", "1", Options()))


def conda(info: bytes) -> bytes:
    """Return a .conda file around a compressed info archive."""
    marker = b'{"conda_pkg_format_version": 2}'
    empty = zst(tar({}))
    return stored_zip(
        {"metadata.json": marker, "pkg-a-1-0.tar.zst": empty, "info-a-1-0.tar.zst": info}
    )


def conda_with(**files: bytes) -> bytes:
    """Return a .conda file with these files in info/, index.json among them."""
    named = {f"info/{name.replace('_json', '.json')}": data for name, data in files.items()}
    return conda(zst(tar({"info/index.json": INDEX, **named})))


def header(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.type = size, kind
    return member.tobuf(format=tarfile.USTAR_FORMAT)


def bomb(first: bytes = b"") -> Iterable[bytes]:
    """Yield the start of a tar and a file of zeros that follows it, three times any limit."""
    yield first + header("large", 150 * 2**20)
    for _ in range(150):
        yield bytes(2**20)


def zst_of(chunks: Iterable[bytes]) -> bytes:
    compressor = zstandard.ZstdCompressor(level=3).compressobj()
    return b"".join([compressor.compress(chunk) for chunk in chunks] + [compressor.flush()])


def bz2_of(chunks: Iterable[bytes]) -> bytes:
    compressor = bz2.BZ2Compressor()
    return b"".join([compressor.compress(chunk) for chunk in chunks] + [compressor.flush()])


@cache
def many_members() -> bytes:
    return b"".join(header(f"info/{number}") for number in range(60_000))


def as_index(kind: bytes, target: bytes = b"") -> bytes:
    """Return a .conda file whose index.json is no plain file."""
    return conda(zst(tar_of(("info/index.json", kind, target))))


def index_at(*paths: str) -> bytes:
    """Return a .conda file with its index.json at odd places."""
    return conda(zst(tar_of(*((path, tarfile.REGTYPE, INDEX) for path in paths))))


def index_of(**laid_over: object) -> bytes:
    return conda(zst(tar({"info/index.json": as_json({**json.loads(INDEX), **laid_over})})))


def overlapping() -> bytes:
    """Return a .conda file with a directory that calls one member by two names."""
    whole = conda(zst(tar({"info/index.json": INDEX})))
    return whole.replace(b"pkg-a-1-0.tar.zst", b"info-a-1-0.tar.zs")


def noise() -> bytes:
    return Random(1).randbytes(400_000).hex().encode()  # noqa: S311 - the same in every run


def zip_of_many() -> bytes:
    return stored_zip({f"member-{number}": b"" for number in range(20_000)})


def long_name_chain() -> bytes:
    return (header("x", 512, tarfile.GNUTYPE_LONGLINK) + b"a" * 512) * 60_000


def pax_attributes() -> bytes:
    records = b"6 a=b\n" * 10_000
    one = header("x", len(records), tarfile.XHDTYPE) + records + bytes(-len(records) % 512)
    return (one + header("a")) * 700


def wide_window() -> bytes:
    """Return a frame that asks for a window of 128 MiB, as level 22 does."""
    parameters = zstandard.ZstdCompressionParameters(window_log=27)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    return b"".join([compressor.compress(chunk) for chunk in bomb()] + [compressor.flush()])


def long_list(entry: Callable[[int], str]) -> bytes:
    entries = ",".join(f'{{"_path":"{entry(number)}"}}' for number in range(99_000))
    return f'{{"paths":[{entries}]}}'.encode()


def index_with(key: str, value: str) -> bytes:
    text = INDEX.decode().rstrip("}\n") + f', "{key}": {value}}}'
    return conda(zst(tar({"info/index.json": text.encode()})))


def file_with_long_global_header() -> bytes:
    return tarfile.TarInfo.create_pax_global_header({"comment": "a" * 40_000_000})


def sized(size: bytes, kind: bytes = tarfile.REGTYPE) -> bytes:
    """Return a .conda file whose first member has a header with these bytes for its size."""
    block = bytearray(header("info/index.json", len(INDEX), kind))
    block[124:136] = size
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return conda(zst(bytes(block) + INDEX.ljust(512, b"\0") + bytes(1024)))


def zip_with(place: int, bits: int) -> bytes:
    """Return a .conda file with some bits of each entry of its directory turned over."""
    data = bytearray(conda(zst(tar({"info/index.json": INDEX}))))
    entry = data.find(b"PK\1\2")
    while entry >= 0:
        data[entry + place] ^= bits
        entry = data.find(b"PK\1\2", entry + 4)
    return bytes(data)


def sparse_by_pax() -> bytes:
    records = b"22 GNU.sparse.major=1\n37 GNU.sparse.realsize=999999999999\n"
    extended = header("x", len(records), tarfile.XHDTYPE) + records.ljust(512, b"\0")
    return conda(zst(extended + tar({"info/index.json": INDEX})))


REFUSED = "invalid_archive"
HOSTILE: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "zstd bomb": (lambda: conda(zst_of(bomb())), "conda", "archive_limit"),
    "wide window": (lambda: conda(wide_window()), "conda", "archive_limit"),
    "bzip2 bomb": (lambda: bz2_of(bomb()), "tar.bz2", "archive_limit"),
    "bzip2 bomb behind the metadata": (
        lambda: bz2_of(bomb(header("info/index.json", len(INDEX)) + INDEX.ljust(512, b"\0"))),
        "tar.bz2",
        "accepted",
    ),
    "members": (lambda: conda(zst(many_members())), "conda", "archive_limit"),
    "members in bzip2": (lambda: bz2.compress(many_members()), "tar.bz2", "archive_limit"),
    "members of the zip": (zip_of_many, "conda", "archive_limit"),
    "deflated bomb": (
        lambda: stored_zip({"info-a-1-0.tar.zst": bytes(150 * 2**20)}, zipfile.ZIP_DEFLATED),
        "conda",
        "invalid_archive",
    ),
    "overlapping members": (overlapping, "conda", "invalid_archive"),
    "encrypted": (lambda: zip_with(8, 1), "conda", REFUSED),
    "another checksum": (lambda: zip_with(16, 1), "conda", REFUSED),
    "bytes before": (lambda: bytes(1000) + conda_with(), "conda", REFUSED),
    "bytes behind": (lambda: conda_with() + bytes(1000), "conda", REFUSED),
    "size of a galaxy": (lambda: sized(b"\x80" + b"\1" * 11), "conda", "archive_limit"),
    "negative size": (lambda: sized(b"\xff" * 12), "conda", REFUSED),
    "sparse": (lambda: sized(b"%011o\0" % len(INDEX), b"S"), "conda", REFUSED),
    "sparse by pax": (sparse_by_pax, "conda", REFUSED),
    "streams without a byte": (
        lambda: bz2.compress(b"") * 200_000,
        "tar.bz2",
        "missing_index_json",
    ),
    "frames without a byte": (
        lambda: conda(zst(b"") * 500_000 + zst(tar({"info/index.json": INDEX}))),
        "conda",
        "accepted",
    ),
    "package in a package": (
        lambda: conda(zst(tar({"info/index.json": conda_with()}))),
        "conda",
        "invalid_metadata",
    ),
    "symbolic link": (lambda: as_index(tarfile.SYMTYPE, b"/etc/passwd"), "conda", REFUSED),
    "hard link": (lambda: as_index(tarfile.LNKTYPE, b"bin/sh"), "conda", REFUSED),
    "device": (lambda: as_index(tarfile.CHRTYPE), "conda", REFUSED),
    "pipe": (lambda: as_index(tarfile.FIFOTYPE), "conda", REFUSED),
    "absolute path": (lambda: index_at("/info/index.json"), "conda", REFUSED),
    "path above": (lambda: index_at("../info/index.json"), "conda", REFUSED),
    "path through": (
        lambda: index_at("info/index.json", "info/x/../index.json"),
        "conda",
        REFUSED,
    ),
    "index.json twice": (lambda: index_at("info/index.json", "info/index.json"), "conda", REFUSED),
    "index.json of 64 MB": (
        lambda: conda(zst(tar({"info/index.json": b'{"x":"' + b"a" * 2**26 + b'"}'}))),
        "conda",
        "archive_limit",
    ),
    "other capitals": (lambda: index_at("INFO/index.json"), "conda", REFUSED),
    "capitals beside": (
        lambda: index_at("info/index.json", "info/INDEX.json"),
        "conda",
        REFUSED,
    ),
    "no number": (lambda: index_with("x", "NaN"), "conda", "invalid_metadata"),
    "name twice": (lambda: index_with("name", '"b"'), "conda", "invalid_metadata"),
    "endless number": (lambda: index_with("x", "1e999"), "conda", "invalid_metadata"),
    "huge build number": (
        lambda: index_of(build_number=2**70),
        "conda",
        "invalid_build",
    ),
    "huge timestamp": (lambda: index_of(timestamp=2**70), "conda", "invalid_timestamp"),
    "truncated zstd": (
        lambda: conda(zst(tar({"info/index.json": INDEX, "info/files": noise()}))[:-20]),
        "conda",
        REFUSED,
    ),
    "zstd without a block": (
        lambda: conda(zst(tar({"info/index.json": INDEX}))[:9]),
        "conda",
        "missing_index_json",
    ),
    "truncated bzip2": (lambda: bz2_file({"info/index.json": INDEX})[:-20], "tar.bz2", REFUSED),
    "wrong magic": (lambda: b"PK\x05\x05" + bytes(1000), "conda", REFUSED),
    "other format": (lambda: bz2_file({"info/index.json": INDEX}), "conda", REFUSED),
    "spoofed name": (lambda: index_of(name="openssl"), "conda", "filename_mismatch"),
    "spoofed build": (lambda: index_of(build="1"), "conda", "filename_mismatch"),
    "capitals in the name": (lambda: index_of(name="A"), "conda", "invalid_name"),
    "letters from right to left": (lambda: index_of(name="a\u202e"), "conda", "invalid_name"),
    "letters that look alike": (lambda: index_of(name="\u0430"), "conda", "invalid_name"),
    "long pax header": (
        lambda: conda(zst(file_with_long_global_header())),
        "conda",
        "archive_limit",
    ),
    "pax attributes": (lambda: conda(zst(pax_attributes())), "conda", "archive_limit"),
    "long names": (lambda: conda(zst(long_name_chain())), "conda", "archive_limit"),
    "paths": (lambda: conda_with(paths_json=long_list(str)), "conda", "accepted"),
    "long paths": (
        lambda: conda_with(paths_json=long_list(lambda number: f"{number:0>140}")),
        "conda",
        "accepted",
    ),
    "unicode paths": (
        lambda: conda_with(paths_json=long_list(lambda number: f"{number}" + "é😀" * 12)),
        "conda",
        "accepted",
    ),
    "more paths": (
        lambda: conda_with(paths_json=b'{"paths":[' + b'{"_path":""},' * 10**6 + b"{}]}"),
        "conda",
        "archive_limit",
    ),
    "junk in paths.json": (
        lambda: conda_with(paths_json=b'{"x":[' + b"[]," * 5_000_000 + b'[]],"paths":[]}'),
        "conda",
        "accepted",
    ),
    "lines": (lambda: conda_with(files=b"\n" * 2**23), "conda", "archive_limit"),
    "long lines": (lambda: conda_with(files=(b"a" * 80 + b"\n") * 99_000), "conda", "accepted"),
    "arrays": (lambda: index_with("x", "[" + "[]," * 340_000 + "[]]"), "conda", "accepted"),
    "objects": (lambda: index_with("x", "[" + "{}," * 340_000 + "{}]"), "conda", "accepted"),
    "nesting": (lambda: index_with("x", "[" * 900_000), "conda", "invalid_metadata"),
    "digits": (lambda: index_with("x", "1" * 900_000), "conda", "invalid_metadata"),
    "dependencies": (
        lambda: index_with("constrains", '["' + '","'.join(["a >=1"] * 9_999) + '"]'),
        "conda",
        "accepted",
    ),
    "parentheses": (
        lambda: index_with("constrains", '["a ' + "(" * 900_000 + '"]'),
        "conda",
        "invalid_matchspec",
    ),
}
