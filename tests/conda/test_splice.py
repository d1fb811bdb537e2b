"""A document made of its predecessor has the bytes of one made of all records, whatever changed."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrepo.conda.repodata import SubdirInfo, repodata
from graphrepo.conda.repodata_after import IndexedChange, repodata_after
from graphrepo.conda.revisions import RevisionFacts, repodata_revisions
from graphrepo.conda.run_exports import run_exports, run_exports_after
from graphrepo.conda.splice import NotSplicedError
from tests.conda.listings import Listed, listings

States = tuple[list[Listed], list[Listed]]
TRAPS = [
    '"}},"packages.conda":{"x-1-0.conda":{"',
    '"},"b-1-0.conda":{"',
    '},"b-1-0.conda":{',
    'a\\"},\\"b-1-0.conda\\":{',
    '"}},"removed":[',
    "}}}",
    "\\",
    "\\\\",
    "}",
]


def info_of(files: list[Listed], removed: tuple[str, ...] = ()) -> SubdirInfo:
    times = [item.indexed_timestamp for item in files if item.is_v3]
    revisions = repodata_revisions(RevisionFacts.count(times))
    return SubdirInfo("linux-64", removed, revisions=revisions)


def rendered(files: list[Listed], removed: tuple[str, ...] = ()) -> bytes:
    return b"".join(repodata(info_of(files, removed), [item.indexed for item in files]))


def in_blocks(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def changes(before: list[Listed], after: list[Listed]) -> list[IndexedChange]:
    """Return what differs, and some that does not."""
    now = {item.filename: item for item in after}
    return [
        IndexedChange(name, item.json if item else None, is_v3=bool(item and item.is_v3))
        for name in sorted({item.filename for item in (*before, *after)}, reverse=True)
        for item in [now.get(name)]
        if item not in before or item.is_v3
    ]


def after(
    states: States, size: int = 50, data: bytes | None = None, removed: tuple[str, ...] = ()
) -> bytes:
    before, now = states
    old = rendered(before, ("x-1-0.conda",)) if data is None else data
    spliced = repodata_after(in_blocks(old, size), info_of(now, removed), changes(before, now))
    return b"".join(spliced)


@given(st.tuples(listings, listings), st.integers(1, 400))
def test_it_has_the_bytes_of_a_full_render(states: States, size: int) -> None:
    assert after(states, size, removed=("y-1-0.conda",)) == rendered(states[1], ("y-1-0.conda",))


@given(listings, st.integers(1, 400), st.sets(st.integers(0, 10)))
def test_files_come_and_go(files: list[Listed], size: int, gone: set[int]) -> None:
    now = [item for place, item in enumerate(files) if place not in gone]
    assert after((files, now), size) == rendered(now)
    assert after((now, files), size) == rendered(files)


@pytest.mark.parametrize("trap", TRAPS)
@pytest.mark.parametrize("place", ["license", "depends", "extra_depends"])
def test_what_a_record_says_is_not_taken_for_the_document(trap: str, place: str) -> None:
    value = {"license": trap, "depends": [trap], "extra_depends": {"a-b-c": [trap], "d": []}}[place]
    files = [
        Listed(f"{name}{kind}", is_v3=kind[0] == "3", more={place: value})
        for name in "abc"
        for kind in ("-1-0.conda", "-1-0.tar.bz2", "3-1-0.conda")
    ]
    first = [files[0], *files[3:]]
    for size in (1, 7, 100, 10_000):
        assert after((first, files), size) == rendered(files)
        assert after((files, first), size) == rendered(first)


def test_a_file_may_move_between_the_maps() -> None:
    old, new = (
        [Listed(f"{name}-1-0.conda", is_v3=is_v3 and name != "a") for name in "abc"]
        for is_v3 in (False, True)
    )
    assert after((old, new)) == rendered(new)
    assert after((new, old)) == rendered(old)


def test_many_changes_in_a_large_document() -> None:
    files = [Listed(f"{name}-1-{build}.conda") for name in "abcdefgh" for build in range(60)]
    some = [item for place, item in enumerate(files) if place % 10]
    others = [item for place, item in enumerate(files) if place % 7]
    for size in (1000, 64 * 1024):
        assert after((some, others), size) == rendered(others)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b'{"info":{},"packages":{',
        b'{"info":{},"packages":{}}',
        b'{"info":{},"packages":{"a-1-0.tar.bz2":{"name":"a"}}}',
        b'{"info":{},"packages":{},"packages.conda":{}}',
    ],
)
def test_what_is_no_predecessor_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(NotSplicedError):
        after(([], [Listed("a-1-0.conda")]), data=data)


def test_all_of_the_predecessor_is_read() -> None:
    v3 = [Listed("a-1-0.conda", is_v3=True)]
    blocks = in_blocks(rendered(v3), 10)
    list(repodata_after(blocks, info_of([]), changes(v3, [])))
    assert list(blocks) == []


@given(st.tuples(listings, listings), st.integers(1, 400))
def test_run_exports_follow_alike(states: States, size: int) -> None:
    before, now = (
        {item.filename: item.run_exports_json for item in files if not item.is_v3}
        for files in states
    )
    old = b"".join(run_exports("linux-64", before.items()))
    changed = [
        (name, now.get(name), name in now)
        for name in before.keys() | now.keys()
        if name not in before or name not in now or before[name] != now[name]
    ]
    spliced = run_exports_after(in_blocks(old, size), "linux-64", changed)
    assert b"".join(spliced) == b"".join(run_exports("linux-64", now.items()))
