"""Which files a quarantine means: by name, by spec, by time, by channel."""

from datetime import timedelta

import pytest

from graphrepo.errors import (
    InvalidInputError,
    InvalidMatchSpecError,
    NotFoundError,
)
from graphrepo.model.database import rows
from graphrepo.registry.quarantine_views import (
    Selection,
)
from graphrepo.registry.selecting import MAX_FILES
from tests.clocks import HandClock
from tests.databases import columns_of
from tests.registry.quarantining import (
    CURL,
    DELETE,
    ZLIB,
    apply,
    files,
    meant,
)
from tests.registry.world import Person


@pytest.mark.usefixtures("annex")
def test_files_are_selected_by_spec_time_and_channel(
    shelf: Person, root: Person, clock: HandClock
) -> None:
    start = clock.now - timedelta(minutes=6)
    zlibs = [
        f"{channel}/zlib-{version}-0.conda"
        for channel in ("annex", "lab")
        for version in ("1.0", "2.0")
    ]
    assert meant(root, Selection(match_spec="zlib")) == zlibs
    assert meant(root, Selection(match_spec="zlib <2", channels=("lab",))) == ["lab/" + ZLIB]
    assert meant(root, Selection(uploaded_to=start)) == ["lab/" + ZLIB]
    late = start + timedelta(minutes=4)
    assert meant(root, Selection(uploaded_from=late)) == ["annex/" + CURL, "annex/zlib-2.0-0.conda"]
    span = Selection(
        match_spec="zlib", uploaded_from=start, uploaded_to=late, channels=("lab", "lab")
    )
    assert meant(root, span) == zlibs[2:]
    assert meant(root, Selection(match_spec="nothing")) == []
    assert meant(root, files(CURL, ZLIB, CURL)) == ["lab/" + CURL, "lab/" + ZLIB]
    assert shelf.repodata("lab")["removed"] == []


@pytest.mark.usefixtures("annex")
def test_blocked_files_are_selected_again(shelf: Person, root: Person) -> None:
    apply(root, files(ZLIB), DELETE)
    shelf.delete("annex", f"noarch/{ZLIB}")
    assert meant(root, Selection(match_spec="zlib <2")) == ["lab/" + ZLIB]
    assert meant(root, files(ZLIB)) == ["lab/" + ZLIB]
    with pytest.raises(NotFoundError):
        meant(root, files(ZLIB, channel="annex"))


@pytest.mark.parametrize(
    "selection",
    [
        Selection(),
        Selection(channels=("lab",)),
        Selection(files(ZLIB).files, match_spec="zlib"),
        Selection(files(ZLIB).files, channels=("lab",)),
        Selection(match_spec="zlib", channels=("lab",) * 501),
        Selection(files(ZLIB).files * (MAX_FILES + 1)),
    ],
)
def test_selections_say_one_thing(shelf: Person, root: Person, selection: Selection) -> None:
    assert shelf
    with pytest.raises(InvalidInputError):
        meant(root, selection)


def test_selections_name_what_is_there(shelf: Person, root: Person) -> None:
    assert shelf
    for selection in (
        files("none-1-0.conda"),
        files(ZLIB, channel="nowhere"),
        Selection(match_spec="zlib", channels=("nowhere",)),
    ):
        with pytest.raises(NotFoundError):
            meant(root, selection)
    with pytest.raises(InvalidMatchSpecError):
        meant(root, Selection(match_spec="lab::zlib"))


def test_too_many_files_are_refused(shelf: Person, root: Person) -> None:
    def multiply() -> None:
        columns = ", ".join(columns_of("artifact") - {"id", "filename"})
        rows(
            f"""INSERT INTO artifact (filename, {columns})
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $most)
                SELECT 'x' || n.i, {columns} FROM artifact, n WHERE artifact.id = 1""",  # noqa: S608 - own words
            most=MAX_FILES + 1,
        )

    shelf.world.run(shelf.world.database.transact(multiply))
    for selection in (
        Selection(match_spec="zlib"),
        Selection(uploaded_from=shelf.world.clock() - timedelta(days=1)),
    ):
        with pytest.raises(InvalidInputError, match="More than 10000"):
            meant(root, selection)
