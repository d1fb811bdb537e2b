"""Names found in spite of typos, and an index that follows the rows."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrepo.model.database import Database, rows
from graphrepo.model.entities import Channel, Package
from graphrepo.model.likeness import likeness, trigrams, trigrams_of_typos
from graphrepo.model.search import LONGEST, Names, alike, containing
from tests.databases import drop, new_database

T = TypeVar("T")
LETTERS = st.text("abc-", min_size=1, max_size=8)


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


def found(database: Database, text: str, names: Names = Names.PACKAGES) -> list[str]:
    return list(asyncio.run(database.read(alike, names, text)))


def channel(name: str, *packages: str) -> None:
    made = Channel(name=name, is_public=True, created_at=0, updated_at=0)
    for package in packages:
        Package(channel=made, name=package)


def delete(name: str) -> None:
    rows("DELETE FROM channel WHERE name = $name", name=name)


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("numpy", "numpy", 1.0),
        ("nunpy", "numpy", 0.8),
        ("nmupy", "numpy", 0.8),
        ("numpyy", "numpy", 1 - 1 / 6),
        ("nupy", "numpy", 0.75),
        ("nmupy", "r-numpy", 0.76),
        ("numpy", "scipy", 0.0),
        ("numpy", "a-completely-different-name", 0.0),
        ("", "numpy", 0.0),
    ],
)
def test_likeness_counts_what_has_to_be_typed_anew(text: str, name: str, expected: float) -> None:
    assert likeness(text, name) == pytest.approx(expected)


@given(LETTERS, LETTERS)
def test_likeness_is_a_share_and_1_only_for_the_name_itself(text: str, name: str) -> None:
    alike_by = likeness(text, name)
    assert 0 <= alike_by <= 1
    assert (alike_by == 1) == (text == name)


def test_trigrams_show_where_a_name_begins_and_ends() -> None:
    assert trigrams("xz") == {"  x", " xz", "xz "}
    assert trigrams("numpy") <= trigrams_of_typos("nmupy")
    assert trigrams("nmupy") <= trigrams_of_typos("nmupy")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nunpy", ["numpy", "numpydoc"]),
        ("nmupy", ["numpy", "numpydoc"]),
        ("pyhton", ["python"]),
        ("scikitlearn", ["scikit-learn"]),
        ("scikit_learn", ["scikit-learn"]),
        ("numpy", []),
        ("%_%", []),
        ('"numpy', ["numpy", "numpydoc"]),
        ("zz", []),
        ("", []),
        ("x" * (LONGEST + 1), []),
    ],
)
def test_typos_are_forgiven(database: Database, text: str, expected: list[str]) -> None:
    names = ("numpy", "numpydoc", "python", "scikit-learn", "zlib")
    write(database, lambda: channel("lab", *names))
    assert found(database, text) == expected


def test_a_few_names_that_contain_a_text_are_named(database: Database) -> None:
    def named(text: str) -> list[str] | None:
        return asyncio.run(database.read(containing, Names.PACKAGES, text))

    many = [f"r-{number:03}" for number in range(299)]
    write(database, lambda: channel("lab", "numpy", "r-numpy", *many))
    assert named("umpy") == ["numpy", "r-numpy"]
    assert named("absent") == named("n*y") == named("n?mpy") == named("[n]umpy") == []
    assert named("nu") is None
    assert named("x" * (LONGEST + 1)) is None
    assert len(named("r-0") or ()) == 100
    write(database, lambda: channel("other", "r-1", "more", "r-2"))
    assert len(named("r-1") or ()) == 101
    write(database, lambda: channel("third", *(f"x-r-{number:03}" for number in range(299))))
    assert len(named("x-r") or ()) == 299
    write(database, lambda: channel("fourth", "x-r", "x-r-"))
    assert named("x-r") is None


def test_channels_have_an_index_of_their_own(database: Database) -> None:
    write(database, lambda: channel("conda-forge", "conda-froge"))
    assert found(database, "conda-frgoe", Names.CHANNELS) == ["conda-forge"]
    write(database, lambda: delete("conda-forge"))
    assert found(database, "conda-frgoe", Names.CHANNELS) == []


def test_a_name_is_found_as_long_as_one_channel_has_it(database: Database) -> None:
    for name in ("one", "two", "three"):
        write(database, lambda name=name: channel(name, "numpy", "lib.x"))
    for name in ("one", "three"):
        write(database, lambda name=name: delete(name))
        assert found(database, "nunpy") == ["numpy"]
    write(database, lambda: delete("two"))
    assert found(database, "nunpy") == found(database, "libx") == []
    write(database, lambda: channel("four", "numpy"))
    assert found(database, "nunpy") == ["numpy"]
    assert write(database, lambda: rows("SELECT count(*) FROM search_package")) == [(1,)]


def test_of_many_the_most_alike_are_found(database: Database) -> None:
    many = [f"pytorch-{number:05}" for number in range(3_000)]
    write(database, lambda: channel("lab", *many, "pytorch"))
    names = found(database, "pytroch")
    assert names[0] == "pytorch"
    assert len(names) == 50


def test_the_rarest_letters_are_looked_up_where_there_are_too_many(database: Database) -> None:
    many = [f"r-{number:05}" for number in range(11_000)]
    write(database, lambda: channel("lab", "r-a", *many, "r-ggplot2"))
    assert found(database, "r-gglpot2") == ["r-ggplot2"]
    assert found(database, "r-b") == ["r-a"]
