"""Packages made to exhaust the server: each is read in a process of its own, and weighed."""

import bz2
import io
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import zstandard

from graphrepo.conda.limits import Limits
from tests.builders import Options, as_json, index_json, stored_zip, tar, zst

MEMORY = 64 * 10**6
"""Bytes that reading the worst package may add to the process."""

INDEX = as_json(index_json("a", "1", Options()))

READ = """
import sys
from pathlib import Path
from graphrepo.conda.limits import Limits
from graphrepo.conda.package import read_package
from graphrepo.errors import InvalidPackageError

def kilobytes(key):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key))

path = Path(sys.argv[1])
Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
before = kilobytes("VmRSS")
try:
    with path.open("rb") as file:
        read_package(file, path.name, target_subdir=None, now_ms=2**42, limits=Limits())
    verdict = "accepted"
except InvalidPackageError as error:
    verdict = error.code
print(verdict, (kilobytes("VmHWM") - before) * 1024)
"""


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
    """Yield the start of a tar and a file of zeros that follows it, four times any limit."""
    yield first + header("large", 200 * 2**20)
    for _ in range(200):
        yield bytes(2**20)


def zst_of(chunks: Iterable[bytes]) -> bytes:
    compressor = zstandard.ZstdCompressor(level=3).compressobj()
    return b"".join([compressor.compress(chunk) for chunk in chunks] + [compressor.flush()])


def bz2_of(chunks: Iterable[bytes]) -> bytes:
    compressor = bz2.BZ2Compressor()
    return b"".join([compressor.compress(chunk) for chunk in chunks] + [compressor.flush()])


def many_members() -> bytes:
    return b"".join(header(f"info/{number}") for number in range(60_000))


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


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="weighs memory on Linux")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_package_costs_little(name: str, tmp_path: Path) -> None:
    build, extension, verdict = HOSTILE[name]
    path = tmp_path / f"a-1-0.{extension}"
    path.write_bytes(build())
    command = [sys.executable, "-c", READ, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    found, memory = done.stdout.split()
    assert found == verdict
    assert int(memory) < MEMORY


def test_the_bomb_is_over_every_limit() -> None:
    unpacked = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(zst_of(bomb())))
    size = sum(len(chunk) for chunk in iter(lambda: unpacked.read(2**20), b""))
    assert size > 3 * Limits().info_bytes > 3 * Limits().scan_bytes
