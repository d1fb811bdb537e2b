"""Files found by a path that they install; private ones stay unseen."""

import json

from graphrepo.access.policy import Role
from graphrepo.registry.registry import assemble
from graphrepo.registry.requests import (
    Batch,
    FileName,
)
from graphrepo.registry.views import ArtifactView, Page, Window
from tests.builders import Built, package
from tests.databases import on_postgres
from tests.registry.world import CHEAP, Person, World

ALL = Window(50)


def holders(person: Person, pattern: str, window: Window = ALL) -> Page[ArtifactView]:
    return person.world.run(person.world.registry.search.paths(person.viewer, pattern, window))


def files(person: Person, pattern: str, window: Window = ALL) -> list[str]:
    return [found.filename for found in holders(person, pattern, window).items]


def holding(*paths: str) -> dict[str, bytes]:
    return dict.fromkeys(paths, b"x")


def test_a_path_leads_to_the_files_that_install_it(world: World, owner: Person) -> None:
    owner.publish("lab", package("zlib", "1.2", files=holding("lib/libz.so", "lib/libz.so.1")))
    owner.publish("lab", package("zlib", "1.3", files=holding("lib/libz.so.1")))
    owner.publish("lab", package("abc", files=holding("opt/libz.so.txt")))
    owner.publish("lab", package("other", files=holding("bin/other")))
    found = ["zlib-1.2-0.conda", "abc-1.0-0.conda", "zlib-1.3-0.conda"]
    assert files(owner, "libz.so") == found
    assert files(world.nobody, "LIBZ.so*") == ["abc-1.0-0.conda", *found[::2][::-1]]
    pages = [holders(owner, "libz.so", Window(2, page)) for page in range(3)]
    assert [found.filename for page in pages for found in page.items] == found
    assert {(page.total, page.pages) for page in pages} == {(3, 2)}
    assert files(owner, "lib/*.so") == ["zlib-1.2-0.conda"]
    assert files(owner, "libz.zo") == []


def test_paths_follow_their_files(world: World, owner: Person) -> None:
    first = package("tool", files=holding("bin/first"))
    second = package("tool", files=holding("bin/second"))
    owner.publish("lab", first)
    owner.publish("lab", first)
    assert files(owner, "first") == [first.filename]
    owner.publish("lab", second, force=True)
    assert files(owner, "first") == []
    assert files(owner, "second") == [second.filename]
    world.run(world.registry.housekeeping.sweep())
    assert world.run(world.registry.housekeeping.sweep()).paths == 0
    assert files(owner, "second") == [second.filename]
    owner.delete("lab", f"noarch/{second.filename}")
    assert files(owner, "second") == []
    assert world.run(world.registry.housekeeping.sweep()).paths == (0 if on_postgres() else 1)


def test_yanked_files_are_found_and_hidden_ones_are_not(world: World, owner: Person) -> None:
    for name in ("yanked", "hidden"):
        owner.publish("lab", package(name, files=holding("bin/tool")))
    yanking = world.registry.yanking
    for name in ("yanked", "hidden"):
        batch = Batch("lab", (FileName("noarch", f"{name}-1.0-0.conda"),))
        hide = name == "hidden"
        world.run(yanking.yank(owner.viewer, batch, "broken", also_hide=hide))
    assert files(owner, "bin/tool") == ["yanked-1.0-0.conda"]


def test_paths_of_private_files_are_private(world: World, owner: Person) -> None:
    owner.create_channel("secret", is_public=False)
    owner.publish("secret", package("hidden", files=holding("bin/tool")))
    bob = world.person("bob")
    assert files(bob, "bin/tool") == files(world.nobody, "bin/tool") == []
    assert holders(bob, "bin/tool").total == 0
    owner.add_member("secret", bob, Role.MEMBER)
    assert files(bob, "bin/tool") == ["hidden-1.0-0.conda"]


def test_one_search_looks_at_a_bounded_amount_of_text(owner: Person) -> None:
    long = {f"{'x' * 200}/{number}": b"" for number in range(30_000)}
    for version in ("1.0", "2.0", "3.0"):
        paths = {"paths": [{"_path": path} for path in (*long, "bin/tool")]}
        owner.publish("lab", _with_paths(version, paths))
    assert files(owner, "bin/tool") == ["big-3.0-0.conda", "big-2.0-0.conda"]


def _with_paths(version: str, paths: object) -> Built:
    return package("big", version, files={}, info_files={"paths.json": json.dumps(paths).encode()})


def test_the_paths_of_files(world: World, owner: Person) -> None:
    full = owner.publish("lab", package("full", files=holding("b", "a/c"))).artifact
    empty = owner.publish("lab", package("empty", files={})).artifact
    found = world.run(world.registry.search.paths_of([full.id, empty.id, 99]))
    assert found == {full.id: ("a/c", "b"), empty.id: ()}


def test_paths_need_not_be_kept(world: World, owner: Person) -> None:
    forgetful = assemble(
        world.database, world.store, clock=world.clock, hasher=CHEAP, keep_paths=False
    )
    world.registry = forgetful
    new = owner.publish("lab", package("tool", files=holding("bin/tool"))).artifact
    assert files(owner, "bin/tool") == []
    assert world.run(forgetful.search.paths_of([new.id])) == {}
