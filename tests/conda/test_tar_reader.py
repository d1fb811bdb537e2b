"""Our reader of tar archives, beside Python's."""

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrepo.conda.limits import Limits
from graphrepo.conda.tar_reader import Member, TarReader
from graphrepo.conda.unpacking import Unpacked
from graphrepo.errors import ArchiveLimitError, InvalidArchiveError

FORMATS = {
    "ustar": tarfile.USTAR_FORMAT,
    "gnu": tarfile.GNU_FORMAT,
    "pax": tarfile.PAX_FORMAT,
}
KINDS = {
    tarfile.REGTYPE: "file",
    tarfile.AREGTYPE: "file",
    tarfile.CONTTYPE: "file",
    tarfile.DIRTYPE: "directory",
    tarfile.LNKTYPE: "other",
    tarfile.SYMTYPE: "other",
    tarfile.CHRTYPE: "other",
    tarfile.BLKTYPE: "other",
    tarfile.FIFOTYPE: "other",
}
END = bytes(1024)


def reader(data: bytes, limits: Limits | None = None) -> TarReader:
    return TarReader(Unpacked(io.BytesIO(data), 2**40), limits or Limits())


def contents(data: bytes) -> list[tuple[Member, bytes]]:
    tar = reader(data)
    return [(member, tar.read()) for member in tar.members()]


def header(name: str = "a", kind: bytes = tarfile.REGTYPE, size: int = 0) -> bytearray:
    member = tarfile.TarInfo(name)
    member.type, member.size = kind, size
    return bytearray(member.tobuf(format=tarfile.USTAR_FORMAT))


def signed(block: bytearray) -> bytes:
    """Return the header with the checksum that its other fields demand."""
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def changed(position: int, value: bytes, kind: bytes = tarfile.REGTYPE) -> bytes:
    block = header("a", kind)
    block[position : position + len(value)] = value
    return signed(block)


def extension(kind: bytes, data: bytes) -> bytes:
    return bytes(header("x", kind, len(data))) + data + bytes(-len(data) % 512)


def pax(*records: tuple[bytes, bytes], kind: bytes = tarfile.XHDTYPE) -> bytes:
    lines = b""
    for key, value in records:
        line = b" %s=%s\n" % (key, value)
        length = len(line) + 1
        while len(b"%d" % length) + len(line) != length:
            length += 1
        lines += b"%d%s" % (length, line)
    return extension(kind, lines)


@st.composite
def members(draw: st.DrawFn) -> tuple[tarfile.TarInfo, bytes]:
    short = st.text("abé/.-_ ", min_size=1, max_size=30)
    letters = short | short.map(lambda name: "directory/" * 12 + name)
    member = tarfile.TarInfo(draw(letters))
    member.type = draw(st.sampled_from(sorted(KINDS)))
    data = b""
    if member.type in (tarfile.LNKTYPE, tarfile.SYMTYPE):
        member.linkname = draw(letters)
    elif member.type == tarfile.AREGTYPE and "/" in member.name:
        pass  # may read as a directory, see below: that must have no data
    elif KINDS[member.type] == "file":
        data = draw(st.binary(max_size=1200))
    member.size = len(data)
    member.mtime = draw(st.sampled_from([0, 1.5, 2**40]))
    return member, data


@given(st.sampled_from(sorted(FORMATS)), st.lists(members(), max_size=6))
def test_what_python_writes_is_read_as_python_reads_it(
    form: str, entries: list[tuple[tarfile.TarInfo, bytes]]
) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=FORMATS[form]) as archive:
        for entry, data in entries:
            try:
                archive.addfile(entry, io.BytesIO(data))
            except ValueError:  # a name that ustar cannot hold
                return
    buffer.seek(0)
    with tarfile.open(fileobj=buffer) as archive:
        theirs = [
            (
                member.name,
                "directory" if member.isdir() else KINDS[member.type],
                getattr(archive.extractfile(member), "read", bytes)() if member.isreg() else b"",
            )
            for member in archive
        ]
    ours = [
        (member.name.rstrip("/"), member.kind, data) for member, data in contents(buffer.getvalue())
    ]
    assert ours == [(name.rstrip("/"), kind, data) for name, kind, data in theirs]


def test_a_long_path_stands_in_two_parts() -> None:
    path = "directory/" * 12 + "file"
    assert contents(bytes(header(path)))[0][0].name == path


def test_data_that_is_not_read_is_skipped() -> None:
    data = bytes(header("a", size=700)) + bytes(1024) + bytes(header("b")) + END
    assert [member.name for member in reader(data).members()] == ["a", "b"]


def test_an_archive_may_end_without_an_end_mark() -> None:
    assert contents(b"") == []
    assert contents(bytes(header("a"))) == [(Member("a", "file", 0), b"")]


def test_a_sparse_file_is_no_plain_file_and_its_map_is_skipped() -> None:
    # GNU: after the header come blocks with more of the map while a flag says so, then the data.
    block = header("a", tarfile.GNUTYPE_SPARSE, 3)
    block[482] = 1
    more, last = bytearray(512), bytearray(512)
    more[504] = 1
    data = b"abc" + bytes(509)
    sparse = signed(block) + more + last + data
    assert contents(sparse + header("b") + END) == [
        (Member("a", "other", 3), b"abc"),
        (Member("b", "file", 0), b""),
    ]


def test_before_directories_had_a_type_their_names_ended_in_a_slash() -> None:
    old = bytes(header("info/", tarfile.AREGTYPE)) + bytes(header("info/x", tarfile.AREGTYPE))
    kinds = [member.kind for member, _ in contents(old)]
    assert kinds == ["directory", "file"]


def test_a_size_over_eight_gibibytes_is_binary() -> None:
    block = header("a")
    block[124:136] = b"\x80" + (5).to_bytes(11, "big")
    assert contents(signed(block) + b"12345" + bytes(507)) == [(Member("a", "file", 5), b"12345")]


def test_a_pax_size_wins_over_the_header() -> None:
    data = pax((b"size", b"3"), (b"mtime", b"1.5")) + bytes(header("a")) + b"abc" + bytes(509) + END
    assert contents(data) == [(Member("a", "file", 3), b"abc")]


def test_extended_headers_of_no_interest_are_passed_over() -> None:
    comment = pax((b"comment", b"x" * 90), kind=tarfile.XGLTYPE)
    link = extension(tarfile.GNUTYPE_LONGLINK, b"target\0")
    assert contents(comment + link + header("a") + END) == [(Member("a", "file", 0), b"")]


@pytest.mark.parametrize(
    "data",
    [
        bytes(header())[:511],
        bytes(header(size=1)),
        bytes(header(size=1)) + bytes(100),
        bytes(header(size=600)) + bytes(600),
        extension(tarfile.XHDTYPE, b"x" * 600)[:700],
        changed(482, b"\x01", tarfile.GNUTYPE_SPARSE),
    ],
)
def test_a_truncated_archive_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidArchiveError, match="ends in the middle"):
        contents(data)
    with pytest.raises(InvalidArchiveError, match="ends in the middle"):
        list(reader(data).members())


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (bytes(header()).replace(b"ustar", b"vstar"), "checksum"),
        (b"\xff" * 512, "not octal"),
        (changed(124, b"000000009\0"), "not octal"),
        (changed(124, b"-1\0"), "not octal"),
        (bytes(header("a", tarfile.SYMTYPE, 512)) + bytes(512), "yet has contents"),
        (bytes(header("a", tarfile.DIRTYPE, 512)) + bytes(512), "yet has contents"),
        (extension(tarfile.XHDTYPE, b"path=a\n"), "malformed"),
        (extension(tarfile.XHDTYPE, b"99 path=a\n"), "malformed"),
        (extension(tarfile.XHDTYPE, b"0 path=a\n"), "malformed"),
        (extension(tarfile.XHDTYPE, b"10 path=a!"), "malformed"),
        (extension(tarfile.XHDTYPE, b"7 path\n"), "malformed"),
        (extension(tarfile.XHDTYPE, b"1" * 30 + b" path=a\n"), "malformed"),
        (pax((b"size", b"-1")) + bytes(header()), "malformed"),
        (pax((b"size", b"\xb2")) + bytes(header()), "malformed"),
        (pax((b"GNU.sparse.name", b"a")) + bytes(header()), "sparse file in pax form"),
        (pax((b"path", b"a"), kind=tarfile.XGLTYPE), "global extended header"),
        (pax((b"path", b"a")) + extension(tarfile.GNUTYPE_LONGNAME, b"b\0"), "disagree"),
    ],
)
def test_a_damaged_or_ambiguous_archive_is_refused(data: bytes, what: str) -> None:
    with pytest.raises(InvalidArchiveError, match=what):
        list(reader(data + END).members())


def test_members_are_counted_with_their_extended_headers() -> None:
    one = pax((b"path", b"a")) + bytes(header())
    assert len(list(reader(one * 5 + END, Limits(members=11)).members())) == 5
    with pytest.raises(ArchiveLimitError, match="more than 9 members"):
        list(reader(one * 5 + END, Limits(members=9)).members())


def test_an_extended_header_is_small() -> None:
    with pytest.raises(ArchiveLimitError, match="extended header of 65537 bytes"):
        list(reader(extension(tarfile.GNUTYPE_LONGNAME, b"a" * 65537)).members())


def test_extended_attributes_are_few() -> None:
    attributes = extension(tarfile.XHDTYPE, b"6 a=b\n" * 10_000)
    with pytest.raises(ArchiveLimitError, match="extended attributes"):
        list(reader((attributes + bytes(header())) * 60).members())


@given(st.binary(max_size=2000))
def test_any_bytes_are_an_archive_or_refused(data: bytes) -> None:
    try:
        contents(data)
    except (InvalidArchiveError, ArchiveLimitError):
        return
