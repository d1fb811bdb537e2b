"""Paths are kept as they are, found by their letters, and forgotten with their file."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from graphrepo.model.database import Database, rows
from graphrepo.model.entities import Artifact, Channel, Package, Subdir
from graphrepo.model.paths import forget_gone, holding, keep_paths, paths_of
from tests.databases import drop, new_database, on_postgres

T = TypeVar("T")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    address = new_database(tmp_path)
    database = Database(address)
    database.open()
    yield database
    database.close()
    drop(address)


def write(database: Database, work: Callable[[], T]) -> T:
    return asyncio.run(database.transact(work))


def file(*paths: str) -> int:
    """Add a file with paths; channel, subdir and package come with the first."""
    channel = Channel.get(name="lab") or Channel(
        name="lab", is_public=True, created_at=0, updated_at=0
    )
    subdir = Subdir.get(channel=channel, name="noarch") or Subdir(
        channel=channel, name="noarch", changed_at=0
    )
    package = Package.get(channel=channel, name="x") or Package(channel=channel, name="x")
    number = rows("SELECT count(*) FROM artifact")[0][0]
    artifact = Artifact(
        subdir=subdir,
        package=package,
        filename=f"x-{number}-0.conda",
        version=str(number),
        version_key=b"",
        build="0",
        build_number=0,
        size=1,
        md5="0",
        sha256="0",
        blake3="0",
        record=b"{}",
        is_v3=False,
        uploaded_at=0,
        indexed_timestamp=0,
        added_in=1,
        changed_in=1,
    )
    artifact.flush()
    keep_paths(artifact.id, paths)
    return artifact.id


def holders(database: Database, *pieces: str) -> list[int]:
    condition, values = holding(pieces)
    sql = f"SELECT x.artifact_id FROM artifact_paths x WHERE {condition} ORDER BY 1"  # noqa: S608
    return [ident for (ident,) in write(database, lambda: rows(sql, **values))]


def indexed(database: Database, piece: str) -> list[int]:
    """Return what the index itself still knows, rows or none."""
    if on_postgres():  # whose index follows by itself
        return [
            ident
            for (ident,) in write(database, lambda: rows("SELECT artifact_id FROM search_path"))
        ]
    sql = "SELECT rowid FROM search_path WHERE search_path MATCH $piece"
    return [ident for (ident,) in write(database, lambda: rows(sql, piece=f'"{piece}"'))]


def test_paths_are_kept_as_they_are(database: Database) -> None:
    paths = ("Lib/B.txt", "a", "über/日本.py", "a", " spaced ")
    one = write(database, lambda: file(*paths))
    none = write(database, file)
    assert write(database, lambda: paths_of([one, none, 99])) == {one: paths, none: ()}


def test_a_line_break_in_a_path_breaks_no_line(database: Database) -> None:
    one = write(database, lambda: file("a\nb", "c"))
    assert write(database, lambda: paths_of([one])) == {one: ("a\ufffdb", "c")}


def test_pieces_are_found_whatever_they_hold(database: Database) -> None:
    one = write(database, lambda: file("lib/libz.so.1", "Bin/Tool"))
    two = write(database, lambda: file("lib/libm.so.6", 'share/"quoted"*.txt', "über/日本語.py"))
    assert holders(database, "lib/lib") == [one, two]
    assert holders(database, "libz.so") == [one]
    assert holders(database, "\nbin/tool\n") == [one]
    assert holders(database, '"quoted"*', "ü") == [two]
    assert holders(database, "日本語") == [two]
    assert holders(database, "libz", "libm") == []
    assert holders(database, "x" * 100 + "libz") == []


def test_a_long_piece_narrows_as_far_as_it_can(database: Database) -> None:
    path = "".join(f"{number:03}/" for number in range(60))
    one = write(database, lambda: file(path))
    assert holders(database, path) == [one]


@pytest.mark.parametrize(
    "ending",
    [
        "UPDATE artifact SET removed_in = 2 WHERE id = 1",
        "DELETE FROM artifact WHERE id = 1",
        "DELETE FROM package",
        "DELETE FROM channel",
    ],
)
def test_paths_go_with_their_file_and_the_index_follows(database: Database, ending: str) -> None:
    write(database, lambda: file("lib/libz.so", "ünï"))
    write(database, lambda: rows(ending))
    assert holders(database, "libz") == []
    assert write(database, lambda: paths_of([1])) == {}
    waiting = [] if on_postgres() else [1]
    assert indexed(database, "lib") == waiting
    assert write(database, lambda: forget_gone(10)) == len(waiting)
    assert indexed(database, "lib") == indexed(database, "ünï") == []
    assert write(database, lambda: forget_gone(10)) == 0


def test_what_is_gone_is_forgotten_bit_by_bit(database: Database) -> None:
    for _ in range(5):
        write(database, lambda: file("lib/libz.so"))
    write(database, lambda: rows("DELETE FROM artifact WHERE id < 5"))
    expected = [0, 0, 0] if on_postgres() else [3, 1, 0]
    assert [write(database, lambda: forget_gone(3)) for _ in range(3)] == expected
    assert indexed(database, "lib") == holders(database, "libz") == [5]


def test_other_changes_of_a_file_leave_its_paths(database: Database) -> None:
    one = write(database, lambda: file("lib/libz.so"))
    write(database, lambda: rows("UPDATE artifact SET removed_in = NULL, yanked_reason = 'x'"))
    assert holders(database, "libz") == [one]
