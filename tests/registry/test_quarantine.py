"""Quarantine: what administrators withdraw stays withdrawn, and comes back exactly as it was."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from graphrepo.access.viewer import AccessMode
from graphrepo.errors import (
    ForbiddenError,
    GoneError,
    InvalidInputError,
    NotAuthenticatedError,
    NotFoundError,
    QuarantinedError,
)
from graphrepo.model.database import rows
from graphrepo.registry.housekeeping import Housekeeping
from graphrepo.registry.quarantine_views import (
    Selection,
)
from graphrepo.registry.requests import (
    AllOf,
    Batch,
    Condition,
    FileName,
    Filter,
    ListQuery,
    TextOperator,
)
from graphrepo.registry.views import Window
from tests.builders import package
from tests.clocks import HandClock
from tests.registry.listing import comparable, union_of_shards
from tests.registry.quarantining import (
    CURL,
    DELETE,
    OLD_ZLIB,
    YANK,
    ZLIB,
    apply,
    content,
    files,
    meant,
    revision,
    revoke,
    update,
    yank,
)
from tests.registry.world import Person


def test_a_yanking_quarantine_moves_files_to_removed(shelf: Person, root: Person) -> None:
    before = content(shelf)
    quarantine = apply(root, files(ZLIB, CURL))
    listed = shelf.repodata("lab")
    assert listed["removed"] == [CURL, ZLIB]
    assert list(listed["packages.conda"]) == ["zlib-2.0-0.conda"]
    assert comparable(listed) == comparable(union_of_shards(shelf, "lab"))
    assert shelf.download("lab", "noarch", ZLIB)
    revoke(root, quarantine)
    assert content(shelf) == before


def test_a_deleting_quarantine_takes_files_out_of_every_document(
    shelf: Person, root: Person
) -> None:
    before, data = content(shelf), shelf.download("lab", "noarch", CURL)
    quarantine = apply(root, files(CURL), DELETE)
    assert all(
        "curl" not in json.dumps(document, default=str) for document in content(shelf).values()
    )
    with pytest.raises(GoneError, match="withdrawn curl"):
        shelf.find("lab", "noarch", CURL)
    with pytest.raises(NotFoundError):
        shelf.find("lab", "noarch", "none-1-0.conda")
    revoke(root, quarantine)
    assert content(shelf) == before
    assert shelf.download("lab", "noarch", CURL) == data


def test_one_quarantine_is_one_revision_of_each_subdir(shelf: Person, root: Person) -> None:
    shelf.publish("lab", package("tool", subdir="linux-64"))
    before, other = revision(shelf), revision(shelf, "linux-64")
    quarantine = apply(root, Selection(match_spec="zlib", channels=("lab",)), DELETE)
    assert (revision(shelf), revision(shelf, "linux-64")) == (before + 1, other)
    update(root, quarantine, action=YANK)
    assert revision(shelf) == before + 2
    update(root, quarantine)
    assert revision(shelf) == before + 2
    revoke(root, quarantine)
    assert revision(shelf) == before + 3


def test_what_was_yanked_before_stays_yanked(shelf: Person, root: Person) -> None:
    yank(shelf, ZLIB)
    before = content(shelf)
    for action in (YANK, DELETE):
        quarantine = apply(root, files(ZLIB, CURL), action)
        revoke(root, quarantine)
        assert content(shelf) == before
    found = shelf.world.run(
        shelf.world.registry.catalog.variant(shelf.viewer, "lab", "noarch", ZLIB)
    )
    assert found
    assert (found.yanked_reason, found.hidden) == ("mine", False)


def test_a_yank_with_the_same_reason_is_the_owners_own(shelf: Person, root: Person) -> None:
    yank(shelf, ZLIB, reason="malware")
    quarantine = apply(root, files(ZLIB))
    with pytest.raises(QuarantinedError):
        yank(shelf, ZLIB, reason="mine")
    revoke(root, quarantine)
    assert shelf.repodata("lab")["removed"] == [ZLIB]
    yank(shelf, ZLIB, reason="mine")


def test_quarantines_overlap_and_the_strictest_holds(shelf: Person, root: Person) -> None:
    before = content(shelf)
    first = apply(root, files(ZLIB), YANK, "suspicious")
    second = apply(root, files(ZLIB, CURL), DELETE)
    third = apply(root, Selection(match_spec="zlib", channels=("lab",)), YANK, "all of it")
    assert third.files == 2
    with pytest.raises(GoneError):
        shelf.find("lab", "noarch", ZLIB)
    revoke(root, second)
    assert shelf.repodata("lab")["removed"] == [ZLIB, "zlib-2.0-0.conda"]
    view = shelf.world.run(
        shelf.world.registry.catalog.variant(shelf.viewer, "lab", "noarch", ZLIB)
    )
    assert view
    assert view.yanked_reason == "all of it"
    revoke(root, third)
    assert shelf.repodata("lab")["removed"] == [ZLIB]
    revoke(root, first)
    assert content(shelf) == before


def test_a_quarantine_changes_its_action_and_its_reason(
    shelf: Person, root: Person, clock: HandClock
) -> None:
    quarantine = apply(root, files(ZLIB))
    clock.advance(timedelta(hours=1))
    changed = update(root, quarantine, action=DELETE, reason=" worse ")
    assert (changed.action, changed.reason) == (DELETE, "worse")
    assert changed.updated_at > changed.created_at == quarantine.created_at
    with pytest.raises(GoneError):
        shelf.find("lab", "noarch", ZLIB)
    update(root, quarantine, action=YANK)
    assert shelf.repodata("lab")["removed"] == [ZLIB]
    revoked = revoke(root, quarantine)
    assert (revoked.revoked_by, revoked.revoked_at) == ("root", revoked.updated_at)
    assert revoke(root, quarantine) == revoked
    with pytest.raises(InvalidInputError, match="revoked"):
        update(root, quarantine, reason="again")
    for act in (revoke, update):
        with pytest.raises(NotFoundError):
            act(root, replace(quarantine, id=99))


def test_owners_cannot_touch_what_is_quarantined(shelf: Person, root: Person) -> None:
    quarantine = apply(root, files(ZLIB))
    batch = Batch("lab", (FileName("noarch", CURL), FileName("noarch", ZLIB)))
    registry, run = shelf.world.registry, shelf.world.run
    for act in (
        registry.yanking.unyank(shelf.viewer, batch),
        registry.yanking.yank(shelf.viewer, batch, "mine"),
        registry.removal.delete(shelf.viewer, batch),
    ):
        with pytest.raises(QuarantinedError, match=ZLIB):
            run(act)
    with pytest.raises(QuarantinedError):
        shelf.publish("lab", package("zlib", depends=["other"]), force=True)
    assert not shelf.publish("lab", package("zlib", run_exports={"weak": ["zlib"]})).created
    revoke(root, quarantine)
    run(registry.removal.delete(shelf.viewer, batch))


@pytest.mark.usefixtures("annex")
def test_withdrawn_names_and_bytes_do_not_come_back(shelf: Person, root: Person) -> None:
    same = package("zlib", run_exports={"weak": ["zlib"]})
    quarantine = apply(root, files(ZLIB), DELETE)
    for channel, built, force in (
        ("lab", same, False),
        ("lab", package("zlib", depends=["other"]), True),
    ):
        with pytest.raises(QuarantinedError):
            shelf.publish(channel, built, force=force)
    shelf.create_channel("fresh")
    with pytest.raises(QuarantinedError):
        shelf.publish("fresh", same)
    shelf.publish("lab", package("zlib", "3.0"))
    assert not shelf.publish("annex", same).created
    revoke(root, quarantine)
    assert shelf.publish("fresh", same).created


@pytest.mark.usefixtures("annex")
def test_the_bytes_of_withdrawn_files_stay(shelf: Person, root: Person, clock: HandClock) -> None:
    quarantine = apply(root, files(CURL), DELETE)
    shelf.delete("annex", f"noarch/{CURL}")
    clock.advance(timedelta(days=30))
    world = shelf.world
    world.run(Housekeeping(world.database, world.store, clock).sweep())
    revoke(root, quarantine)
    assert shelf.download("lab", "noarch", CURL)


def test_twins_know_of_each_other_as_long_as_both_are_there(shelf: Person, root: Person) -> None:
    shelf.publish("lab", package("zlib", extension="tar.bz2"))
    before = content(shelf)
    quarantine = apply(root, files(OLD_ZLIB), DELETE)
    assert "legacy_bz2_md5" not in shelf.repodata("lab")["packages.conda"][ZLIB]
    revoke(root, quarantine)
    assert content(shelf) == before
    both = apply(root, files(ZLIB, OLD_ZLIB), DELETE)
    revoke(root, both)
    assert content(shelf) == before


def test_patches_go_on_beneath_a_quarantine(shelf: Person, root: Person) -> None:
    def instruct(**changes: object) -> None:
        text = json.dumps({"patch_instructions_version": 1, **changes}).encode()
        patching = shelf.world.registry.patching
        shelf.world.run(patching.set_instructions(shelf.viewer, "lab", "noarch", text))

    instruct(remove=[ZLIB])
    quarantine = apply(root, files(ZLIB, CURL))
    instruct(remove=[CURL])
    assert shelf.repodata("lab")["removed"] == [CURL, ZLIB]
    revoke(root, quarantine)
    assert shelf.repodata("lab")["removed"] == [CURL]
    blocked = apply(root, files(CURL), DELETE)
    instruct()
    revoke(root, blocked)
    assert shelf.repodata("lab")["removed"] == []


def test_a_blocked_file_is_shown_alone_and_in_no_list(shelf: Person, root: Person) -> None:
    world, catalog = shelf.world, shelf.world.registry.catalog
    quarantine = apply(root, files(CURL), DELETE)
    shown = world.run(catalog.variant(shelf.viewer, "lab", "noarch", CURL))
    assert shown
    assert shown.yanked_reason == "malware"
    assert world.run(catalog.package(shelf.viewer, "lab", "curl")) is None
    blocked = world.registry.quarantines.blocked
    assert world.run(blocked([shown.id, 1])) == {shown.id: True, 1: False}
    revoke(root, quarantine)
    assert world.run(blocked([shown.id])) == {shown.id: False}
    package_view = world.run(catalog.package(shelf.viewer, "lab", "curl"))
    assert package_view
    assert package_view.latest_version == "1.0"


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001])
def test_quarantines_have_a_reason_and_files(shelf: Person, root: Person, reason: str) -> None:
    quarantine = apply(root, files(ZLIB))
    with pytest.raises(InvalidInputError):
        apply(root, files(ZLIB), reason=reason)
    with pytest.raises(InvalidInputError):
        update(root, quarantine, reason=reason)
    with pytest.raises(NotFoundError, match="no file"):
        apply(root, Selection(match_spec="nothing"))
    assert shelf.repodata("lab")["removed"] == [ZLIB]


def test_quarantines_are_listed_with_their_files(
    shelf: Person, root: Person, clock: HandClock
) -> None:
    world, quarantines = root.world, root.world.registry.quarantines
    start = clock.now - timedelta(hours=1)
    by_spec = Selection(
        match_spec="zlib", uploaded_from=start, uploaded_to=clock.now, channels=("lab",)
    )
    first = apply(root, by_spec, DELETE)
    second = apply(root, files(CURL), reason="licence")
    revoke(root, second)
    assert (first.selection.match_spec, first.selection.channels) == ("zlib", ("lab",))
    assert first.selection.uploaded_from and first.selection.uploaded_to  # noqa: PT018 - both are
    assert (first.created_by, first.files) == ("root", 2)

    def listed(*parts: Filter) -> list[int]:
        page = world.run(quarantines.page(root.viewer, ListQuery(Window(10), AllOf(parts))))
        return [view.id for view in page.items]

    assert listed() == [second.id, first.id]
    assert listed(Condition("isActive", TextOperator.EQ, value=True)) == [first.id]
    assert listed(Condition("action", TextOperator.EQ, "yank")) == [second.id]
    assert listed(Condition("reason", TextOperator.CONTAINS, "cence")) == [second.id]
    assert listed(Condition("createdBy", TextOperator.EQ, "nobody")) == []
    assert world.run(quarantines.get(root.viewer, first.id)) == first
    assert world.run(quarantines.get(root.viewer, 99)) is None
    pages = world.run(quarantines.files_of([first.id, second.id], Window(1, 1)))
    assert [file.filename for file in pages[first.id].items] == ["zlib-2.0-0.conda"]
    assert (pages[first.id].total, pages[second.id].items) == (2, ())
    assert shelf


@pytest.mark.usefixtures("annex")
def test_a_deleted_channel_takes_its_files_out_of_quarantines(shelf: Person, root: Person) -> None:
    quarantine = apply(root, Selection(match_spec="zlib"), DELETE)
    world, quarantines = root.world, root.world.registry.quarantines
    idents = world.run(quarantines.select(root.viewer, Selection(match_spec="zlib")))
    world.run(world.registry.channels.delete(shelf.viewer, "annex"))
    seen = world.run(quarantines.get(root.viewer, quarantine.id))
    assert seen
    assert seen.files == 2
    assert len(world.run(quarantines.files(idents, Window(10))).items) == 2
    revoke(root, quarantine)
    assert ZLIB in shelf.repodata("lab")["packages.conda"]


def test_administrators_alone_quarantine(shelf: Person, root: Person) -> None:
    quarantine = apply(root, files(ZLIB))
    quarantines = root.world.registry.quarantines
    limited = root.with_key(AccessMode.ALL, "lab")
    for person, refusal in (
        (shelf, ForbiddenError),
        (limited, ForbiddenError),
        (root.world.nobody, NotAuthenticatedError),
    ):
        for act in (
            lambda person=person: apply(person, files(CURL)),
            lambda person=person: update(person, quarantine, reason="x"),
            lambda person=person: revoke(person, quarantine),
            lambda person=person: meant(person, files(CURL)),
            lambda person=person: person.world.run(
                quarantines.page(person.viewer, ListQuery(Window(1)))
            ),
        ):
            with pytest.raises(refusal):
                act()
        assert root.world.run(quarantines.get(person.viewer, quarantine.id)) is None
    assert apply(root.with_key(AccessMode.ALL), files(CURL)).created_by == "root"


def test_each_file_leaves_a_line_in_its_channels_log(shelf: Person, root: Person) -> None:
    quarantine = apply(root, files(ZLIB, CURL), DELETE)
    revoke(root, quarantine)
    sql = "SELECT action, channel, details FROM event WHERE actor = 'root' ORDER BY id"
    lines = root.world.run(root.world.database.read(rows, sql))
    told = [(action, channel, json.loads(text).get("filename")) for action, channel, text in lines]
    assert told == [
        ("apply_quarantine", None, None),
        ("quarantine", "lab", ZLIB),
        ("quarantine", "lab", CURL),
        ("revoke_quarantine", None, None),
        ("release", "lab", ZLIB),
        ("release", "lab", CURL),
    ]
    assert json.loads(lines[1][2]) == {
        "effect": "delete",
        "filename": ZLIB,
        "quarantine": quarantine.id,
        "reason": "malware",
        "subdir": "noarch",
    }
    assert shelf
