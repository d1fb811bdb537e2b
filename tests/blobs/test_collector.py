"""The collector's decision."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from graphrepo.blobs.collector import unreferenced
from graphrepo.blobs.store import BlobEntry
from tests.clocks import HandClock

NOW = HandClock().now
HOUR = timedelta(hours=1)

ENTRIES = st.builds(
    BlobEntry,
    st.sampled_from("abcdef"),
    st.just(1),
    st.timedeltas(-2 * HOUR, 2 * HOUR).map(lambda age: NOW - age),
)


def blob(blake3: str, age: timedelta) -> BlobEntry:
    return BlobEntry(blake3, 1, NOW - age)


def test_only_old_blobs_without_a_reference_go() -> None:
    entries = [blob("used", 9 * HOUR), blob("young", HOUR), blob("old", 2 * HOUR)]
    assert [e.blake3 for e in unreferenced(entries, {"used"}, NOW, HOUR)] == ["old"]


def test_the_last_moment_of_grace_belongs_to_the_blob() -> None:
    entries = [blob("exact", HOUR), blob("past", HOUR + timedelta(microseconds=1))]
    assert [e.blake3 for e in unreferenced(entries, (), NOW, HOUR)] == ["past"]


def test_entries_are_taken_one_by_one() -> None:
    doomed = unreferenced(iter([blob("a", 2 * HOUR)]), (), NOW, HOUR)
    assert next(doomed).blake3 == "a"


@given(st.lists(ENTRIES), st.sets(st.sampled_from("abcdef")))
def test_nothing_referenced_or_young_ever_goes(entries: list[BlobEntry], used: set[str]) -> None:
    doomed = list(unreferenced(entries, used, NOW, HOUR))
    spared = [entry for entry in entries if entry not in doomed]
    assert all(entry.blake3 not in used and NOW - entry.modified > HOUR for entry in doomed)
    assert all(entry.blake3 in used or NOW - entry.modified <= HOUR for entry in spared)
