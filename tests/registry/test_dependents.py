"""Who depends on a package: what the records of each package's latest version say."""

import importlib.resources
from collections.abc import Iterator

import pytest

from graphrepo.model.database import rows
from graphrepo.registry.dependents import misnoted
from graphrepo.registry.faults import FaultKind
from graphrepo.registry.quarantine_views import (
    ChannelFile,
    NewQuarantine,
    QuarantineAction,
    Selection,
)
from graphrepo.registry.requests import Batch, FileName
from graphrepo.registry.soundness import Wanted
from graphrepo.registry.views import PackageView, Page, Window
from tests.builders import as_json, package
from tests.conda.test_dependencies import NAMES
from tests.databases import on_postgres
from tests.registry.damage import change_rows, verify
from tests.registry.world import Person, World

NOTED = "SELECT package_id, name, channel_id, dependent FROM dependency ORDER BY package_id, name"


@pytest.fixture(autouse=True)
def always_exact(world: World) -> Iterator[None]:
    """Whatever a test does: what is noted at its end is what the records say."""
    yield
    assert world.run(world.database.read(lambda: list(misnoted()))) == []


def dependents(
    person: Person, name: str, window: Window | None = None, channel: str = "lab"
) -> Page[PackageView]:
    catalog = person.world.registry.catalog
    needed = person.world.run(catalog.package(person.viewer, channel, name))
    assert needed is not None
    window = window or Window(10)
    return person.world.run(catalog.dependents_of([needed.id], window))[needed.id]


def names(person: Person, name: str) -> list[str]:
    return [view.name for view in dependents(person, name).items]


@pytest.fixture
def shelf(owner: Person) -> Person:
    """``zlib``, and ``app`` whose version 2 does not need it any more."""
    owner.publish("lab", package("zlib"))
    owner.publish("lab", package("app", "1", depends=["zlib >=1"]))
    return owner


def test_whoever_needs_a_package_is_listed_by_name(shelf: Person) -> None:
    shelf.publish("lab", package("tool", depends=["lab::ZLIB[version='>=1']", "zlib <9"]))
    shelf.publish("lab", package("alone"))
    assert names(shelf, "zlib") == ["app", "tool"]
    assert names(shelf, "alone") == []


def test_the_list_has_pages(shelf: Person) -> None:
    for number in range(4):
        shelf.publish("lab", package(f"p{number}", depends=["zlib"]))
    page = dependents(shelf, "zlib", Window(2, 1))
    assert [view.name for view in page.items] == ["p1", "p2"]
    assert (page.current, page.pages, page.total) == (1, 3, 5)


def test_only_the_same_channel_counts(shelf: Person) -> None:
    shelf.create_channel("other", is_public=False)
    shelf.publish("other", package("zlib"))
    shelf.publish("other", package("secret", depends=["zlib"]))
    assert names(shelf, "zlib") == ["app"]
    assert [view.name for view in dependents(shelf, "zlib", channel="other").items] == ["secret"]


def test_the_latest_version_decides(shelf: Person) -> None:
    shelf.publish("lab", package("app", "2"))
    assert names(shelf, "zlib") == []
    shelf.publish("lab", package("app", "0.9", depends=["zlib"]))
    assert names(shelf, "zlib") == []
    shelf.delete("lab", "noarch/app-2-0.conda")
    assert names(shelf, "zlib") == ["app"]


def test_any_file_of_the_latest_version_counts(shelf: Person) -> None:
    shelf.publish("lab", package("app", "2"))
    shelf.publish("lab", package("app", "2", build="1", depends=["zlib"]))
    assert names(shelf, "zlib") == ["app"]
    shelf.delete("lab", "noarch/app-2-1.conda")
    assert names(shelf, "zlib") == []


def test_a_package_without_files_depends_on_nothing(shelf: Person) -> None:
    shelf.delete("lab", "noarch/app-1-0.conda")
    assert names(shelf, "zlib") == []


def test_a_replaced_file_is_forgotten(shelf: Person) -> None:
    shelf.publish("lab", package("app", "1", depends=["curl"]), force=True)
    assert names(shelf, "zlib") == []


def test_a_withdrawn_version_gives_way_and_comes_back(shelf: Person) -> None:
    yanking = shelf.world.registry.yanking
    newest = Batch("lab", (FileName("noarch", "app-2-0.conda"),))
    shelf.publish("lab", package("app", "2", depends=["curl"]))
    shelf.publish("lab", package("curl"))
    assert names(shelf, "curl") == ["app"]
    shelf.world.run(yanking.yank(shelf.viewer, newest, "broken"))
    assert (names(shelf, "curl"), names(shelf, "zlib")) == ([], ["app"])
    # A new build makes the version the latest again, with what was withdrawn of it.
    shelf.publish("lab", package("app", "2", build="1"))
    assert (names(shelf, "curl"), names(shelf, "zlib")) == (["app"], [])


def test_patches_count(shelf: Person) -> None:
    patching, file = shelf.world.registry.patching, FileName("noarch", "app-1-0.conda")
    shelf.world.run(patching.patch(shelf.viewer, "lab", file, {"depends": []}))
    assert names(shelf, "zlib") == []
    shelf.world.run(patching.patch(shelf.viewer, "lab", file, {}))
    assert names(shelf, "zlib") == ["app"]


def test_a_patch_that_waits_for_its_file_counts(shelf: Person) -> None:
    patching = shelf.world.registry.patching
    changes = {"tool-1.0-0.conda": {"depends": ["zlib"]}}
    text = as_json({"patch_instructions_version": 1, "packages.conda": changes})
    shelf.world.run(patching.set_instructions(shelf.viewer, "lab", "noarch", text))
    shelf.publish("lab", package("tool"))
    assert names(shelf, "zlib") == ["app", "tool"]


@pytest.mark.parametrize("action", list(QuarantineAction))
def test_quarantine_counts(shelf: Person, action: QuarantineAction) -> None:
    root, quarantines = shelf.world.person("root", is_admin=True), shelf.world.registry.quarantines
    shelf.publish("lab", package("app", "2", depends=["curl"]))
    chosen = Selection((ChannelFile("lab", "noarch", "app-2-0.conda"),))
    new = NewQuarantine(action, "malware", chosen)
    quarantine, _ = shelf.world.run(quarantines.apply(root.viewer, new))
    assert names(shelf, "zlib") == ["app"]
    shelf.world.run(quarantines.revoke(root.viewer, quarantine.id))
    assert names(shelf, "zlib") == []


def test_a_name_that_no_package_can_have_is_left_out(shelf: Person) -> None:
    shelf.publish("lab", package("tool", depends=["n" * 65, "zlib"]))
    assert names(shelf, "zlib") == ["app", "tool"]


def test_verifying_finds_and_mends_what_is_noted_wrongly(shelf: Person) -> None:
    change_rows(shelf.world.data, "DELETE FROM dependency")
    (fault,) = verify(shelf.world).faults
    assert (fault.place, fault.kind) == ("lab/app", FaultKind.ROW)
    assert verify(shelf.world, Wanted(repair=True)).is_sound
    assert names(shelf, "zlib") == ["app"]


def test_the_migration_notes_what_is_there_already(shelf: Person) -> None:
    shelf.publish("lab", package("every", depends=[*NAMES, "n" * 65]))
    shelf.publish("lab", package("app", "2", depends=["curl"]))
    shelf.publish("lab", package("alone"))
    world = shelf.world
    noted = world.run(world.database.read(rows, NOTED))
    assert len(noted) == 1 + len(set(NAMES.values()))
    change_rows(world.data, "DELETE FROM dependency")
    change_rows(world.data, _filling())
    assert world.run(world.database.read(rows, NOTED)) == noted


def _filling() -> str:
    """Return the statement of the migration that reads what is stored."""
    folder = importlib.resources.files("graphrepo.model") / "migrations"
    dialect = "postgresql" if on_postgres() else "sqlite"
    text = (folder / dialect / "0011_dependents.sql").read_text()
    return text[text.index("INSERT INTO") :]
