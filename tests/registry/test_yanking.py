"""A yanked file leaves the index and still downloads; a patch corrects what the index says."""

import json
from collections.abc import Mapping

import pytest

from graphrepo.access.policy import Role
from graphrepo.access.viewer import AccessMode
from graphrepo.errors import (
    ForbiddenError,
    InvalidInputError,
    InvalidSubdirError,
    NotFoundError,
)
from graphrepo.registry.record_rows import REMOVED_BY_PATCH
from graphrepo.registry.requests import Batch, FileName, VariantQuery
from graphrepo.registry.views import ArtifactView, Window
from tests.builders import package
from tests.registry.listing import comparable, union_of_shards
from tests.registry.world import Person, World

ZLIB = "zlib-1.0-0.conda"


def batch(*filenames: str) -> Batch:
    return Batch("lab", tuple(FileName("noarch", name) for name in filenames))


def yank(
    person: Person, *filenames: str, reason: str = "broken", also_hide: bool = False
) -> tuple[ArtifactView, ...]:
    yanking = person.world.registry.yanking
    return person.world.run(
        yanking.yank(person.viewer, batch(*filenames), reason, also_hide=also_hide)
    )


def unyank(person: Person, *filenames: str) -> tuple[ArtifactView, ...]:
    return person.world.run(person.world.registry.yanking.unyank(person.viewer, batch(*filenames)))


def instruct(person: Person, content: Mapping[str, object], subdir: str = "noarch") -> int:
    text = json.dumps({"patch_instructions_version": 1, **content}).encode()
    patching = person.world.registry.patching
    return person.world.run(patching.set_instructions(person.viewer, "lab", subdir, text))


def patch(person: Person, filename: str, **changes: object) -> ArtifactView:
    patching = person.world.registry.patching
    return person.world.run(
        patching.patch(person.viewer, "lab", FileName("noarch", filename), changes)
    )


@pytest.fixture
def shelf(owner: Person) -> Person:
    for name, version in (("zlib", "1.0"), ("zlib", "2.0"), ("curl", "1.0")):
        owner.publish("lab", package(name, version))
    return owner


def test_a_yanked_file_leaves_every_map_and_still_downloads(shelf: Person) -> None:
    (view,) = yank(shelf, ZLIB)
    assert view.yanked_reason == "broken"
    listed = shelf.repodata("lab")
    assert ZLIB not in listed["packages.conda"]
    assert listed["removed"] == [ZLIB]
    assert comparable(listed) == comparable(union_of_shards(shelf, "lab"))
    assert shelf.download("lab", "noarch", ZLIB) == package("zlib", "1.0").data


def test_unyanking_puts_it_back_as_it_was(shelf: Person) -> None:
    before = shelf.repodata("lab")
    yank(shelf, ZLIB, also_hide=True)
    (view,) = unyank(shelf, ZLIB)
    assert (view.yanked_reason, view.hidden) == (None, False)
    assert shelf.repodata("lab") == before


def test_a_batch_is_one_revision_and_all_or_none(shelf: Person) -> None:
    with pytest.raises(NotFoundError):
        yank(shelf, ZLIB, "none-1-0.conda")
    assert shelf.repodata("lab")["removed"] == []
    yank(shelf, ZLIB, "curl-1.0-0.conda")
    assert shelf.find("lab", "noarch", "repodata.json").revision == 4
    yank(shelf, ZLIB, "curl-1.0-0.conda")
    assert shelf.find("lab", "noarch", "repodata.json").revision == 4
    (view,) = yank(shelf, ZLIB, reason="worse than broken")
    assert view.yanked_reason == "worse than broken"


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001])
def test_yanks_have_a_reason(shelf: Person, reason: str) -> None:
    with pytest.raises(InvalidInputError):
        yank(shelf, ZLIB, reason=reason)


def test_the_latest_version_is_one_that_is_not_yanked(world: World, shelf: Person) -> None:
    def latest() -> str | None:
        found = world.run(world.registry.catalog.package(shelf.viewer, "lab", "zlib"))
        return found and found.latest_version

    assert latest() == "2.0"
    yank(shelf, "zlib-2.0-0.conda")
    assert latest() == "1.0"
    yank(shelf, ZLIB)
    assert latest() == "2.0"


def test_hidden_files_are_listed_for_those_who_ask(world: World, shelf: Person) -> None:
    yank(shelf, ZLIB, also_hide=True)
    package_id = yank(shelf, ZLIB)[0].package_id

    def filenames(*, include_hidden: bool) -> list[str]:
        query = VariantQuery(Window(10), include_hidden=include_hidden)
        page = world.run(world.registry.catalog.variants_of([package_id], query))[package_id]
        return [variant.filename for variant in page.items]

    assert filenames(include_hidden=False) == ["zlib-2.0-0.conda"]
    assert filenames(include_hidden=True) == ["zlib-2.0-0.conda", ZLIB]


def test_hidden_versions_are_in_no_list(world: World, shelf: Person) -> None:
    def listed() -> tuple[str | None, list[str], tuple[str, ...]]:
        catalog = world.registry.catalog
        found = world.run(catalog.package(shelf.viewer, "lab", "zlib"))
        assert found is not None
        versions = world.run(catalog.versions_of([found.id], Window(10)))[found.id].items
        platforms = world.run(catalog.platforms_of([found.id])).get(found.id, ())
        return found.latest_version, [view.version for view in versions], platforms

    yank(shelf, "zlib-2.0-0.conda", also_hide=True)
    yank(shelf, ZLIB)
    assert listed() == ("1.0", ["1.0"], ("noarch",))
    yank(shelf, ZLIB, also_hide=True)
    assert listed() == ("2.0", [], ())


def test_contributors_yank_and_members_do_not(world: World, shelf: Person) -> None:
    bob, cleo = world.person("bob"), world.person("cleo")
    shelf.add_member("lab", bob, Role.MEMBER)
    shelf.add_member("lab", cleo, Role.CONTRIBUTOR)
    for act in (lambda: yank(bob, ZLIB), lambda: patch(bob, ZLIB, depends=[])):
        with pytest.raises(ForbiddenError):
            act()
    yank(cleo, ZLIB)
    with pytest.raises(ForbiddenError):
        unyank(cleo.with_key(AccessMode.READ), ZLIB)


def test_a_patch_changes_the_record_everywhere_but_before_patches(shelf: Person) -> None:
    before = shelf.repodata("lab")
    patch(shelf, ZLIB, depends=["libc >=2"], license="Zlib")
    listed = shelf.repodata("lab")
    record = listed["packages.conda"][ZLIB]
    assert (record["depends"], record["license"]) == (["libc >=2"], "Zlib")
    assert record["sha256"] == before["packages.conda"][ZLIB]["sha256"]
    assert comparable(listed) == comparable(union_of_shards(shelf, "lab"))
    unpatched = json.loads(shelf.download("lab", "noarch", "repodata_from_packages.json"))
    assert unpatched == before
    served = json.loads(shelf.download("lab", "noarch", "patch_instructions.json"))
    assert served["packages.conda"] == {ZLIB: {"depends": ["libc >=2"], "license": "Zlib"}}


def test_only_who_may_yank_is_asked_for_instructions(world: World, shelf: Person) -> None:
    authorise = world.registry.patching.authorise
    world.run(authorise(shelf.viewer, "lab"))
    with pytest.raises(ForbiddenError):
        world.run(authorise(world.person("bob").viewer, "lab"))


def test_what_a_patch_changes_can_be_looked_up(world: World, shelf: Person) -> None:
    patched = patch(shelf, ZLIB, license="Zlib", depends=["libc >=2"])
    (plain,) = yank(shelf, "curl-1.0-0.conda")
    found = world.run(world.registry.patching.changes_of([plain.id, patched.id]))
    assert found == {patched.id: {"license": "Zlib", "depends": ["libc >=2"]}}


def test_an_empty_patch_ends_the_patch(shelf: Person) -> None:
    before = shelf.repodata("lab")
    patch(shelf, ZLIB, depends=["libc >=2"])
    patch(shelf, ZLIB)
    assert shelf.repodata("lab") == before
    with pytest.raises(NotFoundError):
        shelf.find("lab", "noarch", "patch_instructions.json")
    revision = shelf.find("lab", "noarch", "repodata.json").revision
    patch(shelf, ZLIB)
    assert shelf.find("lab", "noarch", "repodata.json").revision == revision


def test_patches_have_limits(shelf: Person) -> None:
    for changes in ({"sha256": "0" * 64}, {"depends": "libc"}, {"unknown": 1}):
        with pytest.raises(InvalidInputError):
            patch(shelf, ZLIB, **changes)
    with pytest.raises(NotFoundError):
        patch(shelf, "none-1-0.conda", depends=[])


def test_instructions_hold_for_files_that_come_later(shelf: Person) -> None:
    name = "later-1.0-0.conda"
    content = {"packages.conda": {name: {"depends": ["x"]}}, "revoke": [ZLIB]}
    assert instruct(shelf, content) == 2
    shelf.publish("lab", package("later"))
    listed = shelf.repodata("lab")["packages.conda"]
    assert listed[name]["depends"] == ["x"]
    assert listed[ZLIB]["revoked"] is True
    assert "package_has_been_revoked" in listed[ZLIB]["depends"]


def test_the_same_instructions_again_change_nothing(shelf: Person) -> None:
    content = {"packages.conda": {ZLIB: {"depends": ["x"]}}}
    assert instruct(shelf, content) == 1
    revision = shelf.find("lab", "noarch", "repodata.json").revision
    assert instruct(shelf, content) == 0
    assert shelf.find("lab", "noarch", "repodata.json").revision == revision


def test_removal_by_instructions_yanks_both_twins_until_they_end(shelf: Person) -> None:
    shelf.publish("lab", package("zlib", extension="tar.bz2"))
    instruct(shelf, {"remove": ["zlib-1.0-0.tar.bz2"]})
    assert shelf.repodata("lab")["removed"] == [ZLIB, "zlib-1.0-0.tar.bz2"]
    assert yank(shelf, ZLIB, reason="mine")[0].yanked_reason == "mine"
    instruct(shelf, {})
    listed = shelf.repodata("lab")
    assert listed["removed"] == [ZLIB]
    assert "zlib-1.0-0.tar.bz2" in listed["packages"]


def test_a_file_yanked_by_instructions_says_so(world: World, shelf: Person) -> None:
    instruct(shelf, {"remove": [ZLIB]})
    found = world.run(world.registry.catalog.variant(shelf.viewer, "lab", "noarch", ZLIB))
    assert found
    assert found.yanked_reason == REMOVED_BY_PATCH


def test_an_edit_leaves_removals_of_instructions_alone(shelf: Person) -> None:
    instruct(shelf, {"remove": [ZLIB]})
    patch(shelf, ZLIB, license="Zlib")
    patch(shelf, ZLIB)
    assert shelf.repodata("lab")["removed"] == [ZLIB]


def test_v3_files_are_patched_under_v3(shelf: Person) -> None:
    built = package("fancy", index={"flags": ["gpu"]})
    shelf.publish("lab", built)
    patch(shelf, built.filename, flags=["cpu"])
    assert shelf.repodata("lab")["v3"]["conda"]["fancy-1.0-0"]["flags"] == ["cpu"]
    served = json.loads(shelf.download("lab", "noarch", "patch_instructions.json"))
    assert served["v3"]["conda"] == {"fancy-1.0-0": {"flags": ["cpu"]}}


def test_patched_run_exports_show_in_shards_and_their_document(shelf: Person) -> None:
    shelf.publish("lab", package("old", extension="tar.bz2"))
    name = "old-1.0-0.tar.bz2"
    patch(shelf, name, run_exports={"weak": ["old"]})
    found = json.loads(shelf.download("lab", "noarch", "run_exports.json"))
    assert found["packages"][name]["run_exports"] == {"weak": ["old"]}
    assert union_of_shards(shelf, "lab")["packages"][name]["run_exports"] == {"weak": ["old"]}


def test_instructions_for_a_subdir_without_files_wait(world: World, shelf: Person) -> None:
    assert instruct(shelf, {"revoke": [ZLIB]}, "linux-64") == 1
    shelf.publish("lab", package("zlib", subdir="linux-64"))
    assert shelf.repodata("lab", "linux-64")["packages.conda"][ZLIB]["revoked"] is True
    with pytest.raises(InvalidSubdirError):
        instruct(shelf, {}, "no subdir")
    with pytest.raises(InvalidInputError):
        world.run(world.registry.patching.set_instructions(shelf.viewer, "lab", "noarch", b"[1]"))
