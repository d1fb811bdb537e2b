"""Moving to PostgreSQL and an object store, and back: nothing is lost, and it can be repeated."""

import signal
import subprocess
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from graphrepo.blobs.address import parse_address
from graphrepo.blobs.carrying import carry
from graphrepo.blobs.filesystem import FilesystemStore
from graphrepo.blobs.opening import open_store
from graphrepo.cli.program import graphrepo
from graphrepo.conda.path_pattern import read_path_pattern
from graphrepo.errors import BlobMissingError
from graphrepo.registry.path_lists import holders
from graphrepo.registry.views import Window
from tests.builders import package
from tests.clocks import HandClock
from tests.databases import drop, new_address, postgres_of, run_sql, server
from tests.postgres_line import Moment, PostgresLine
from tests.processes import PROGRAM, environment, run, serving
from tests.registry.world import Person, World
from tests.s3 import KEYS, S3Server
from tests.waiting import PATIENCE, until

FILES = ("repodata.json", "repodata_shards.msgpack.zst", "run_exports.json", "zlib-1.3-0.conda")

Place = Mapping[str, str]
"""The variables that name a database and a store."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Make an installation with a channel and two packages, that nobody uses."""
    data = tmp_path / "home"
    data.mkdir()
    world = World(data, HandClock())
    ada = world.person("ada")
    ada.create_channel("lab")
    ada.publish("lab", package("zlib", "1.3", files={"lib/libz.so": b"z"}))
    ada.publish("lab", package("xz"))
    yield world
    drop(world.address)


@pytest.fixture
def elsewhere(tmp_path: Path, s3: S3Server) -> Generator[Place]:
    """Name a PostgreSQL and an object store, both empty."""
    server()  # or the test is skipped
    url = postgres_of(tmp_path / "elsewhere")
    yield {"GRAPHREPO_DATABASE": url, "GRAPHREPO_STORE": s3.url(), **KEYS}
    drop(url)


def place_of(data: Path) -> Place:
    """Return the variables that name what a world keeps in a directory."""
    address = new_address(data)
    url = f"sqlite:///{address}" if isinstance(address, Path) else address
    return {"GRAPHREPO_DATABASE": url, "GRAPHREPO_STORE": f"file://{data / 'blobs'}"}


def move(data: Path, here: Place, *options: str) -> tuple[int, str]:
    """Call the command inside this process; return its status and all that it said."""
    command = ("migrate-data", "--data", str(data), *options)
    result = CliRunner(env={**KEYS, **here}).invoke(graphrepo, command)
    return result.exit_code, result.output


def moved(data: Path, here: Place, there: Place) -> str:
    options = ("--to-database", there["GRAPHREPO_DATABASE"], "--to-store", there["GRAPHREPO_STORE"])
    status, said = move(data, here, *options)
    assert status == 0, said
    return said


def read_by_installers(url: str) -> list[bytes]:
    with httpx.Client(
        base_url=f"{url}/lab/noarch/", follow_redirects=True, timeout=PATIENCE
    ) as client:
        return [client.get(name).raise_for_status().content for name in FILES]


def test_there_and_back_again(tmp_path: Path, world: World, elsewhere: Place) -> None:
    home, back = tmp_path / "home", tmp_path / "back"
    back.mkdir()
    before = [world.nobody.download("lab", "noarch", name) for name in FILES]
    world.close()
    assert "Copied" in moved(home, place_of(home), elsewhere)
    assert "Found all" in moved(home, place_of(home), elsewhere)
    with serving(tmp_path / "scratch", env=elsewhere) as started:
        assert read_by_installers(started.url) == before
    assert "Copied" in moved(tmp_path / "scratch", elsewhere, place_of(back))
    again = World(back, HandClock())
    assert [again.nobody.download("lab", "noarch", name) for name in FILES] == before
    assert _holders_of_libz(again) == ["zlib-1.3-0.conda"]
    ada = again.run(again.registry.accounts.user("ada"))
    assert ada is not None
    assert again.person("bob").viewer.user_id == ada.id + 1  # numbers go on where they were
    again.close()
    drop(again.address)


def test_killed_at_any_moment_it_goes_on_when_it_is_run_again(
    tmp_path: Path, world: World, elsewhere: Place
) -> None:
    home = tmp_path / "home"
    before = [world.nobody.download("lab", "noarch", name) for name in FILES]
    world.close()
    line = PostgresLine(elsewhere["GRAPHREPO_DATABASE"], tmp_path)
    there = {**elsewhere, "GRAPHREPO_DATABASE": line.url}
    address = replace(parse_address(there["GRAPHREPO_STORE"]), secrets=KEYS)
    store = open_store(address, tmp_path / "scratch", lends=False)
    with moving(home, there) as process:
        until(lambda: sum(1 for _ in store.entries()) >= 4)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    # Among the rows, and when they are all there; another COMMIT is of the migrations' lock.
    for number, moment in ((60, Moment.UNSEEN), (2, Moment.DONE)):
        with moving(home, there) as process:
            line.break_at(number, moment, process.kill)
        assert process.returncode == -signal.SIGKILL
    assert "Found all" in moved(home, place_of(home), elsewhere)
    line.close()
    with serving(tmp_path / "scratch", env=elsewhere) as started:
        assert read_by_installers(started.url) == before
    # In a process of its own, for this one is bound to the other kind.
    assert run("verify", "--data", tmp_path / "scratch", env=elsewhere).status == 0


@contextmanager
def moving(data: Path, there: Place) -> Generator[subprocess.Popen[bytes]]:
    """Move in a process of its own; wait for its end."""
    options = ("--to-database", there["GRAPHREPO_DATABASE"], "--to-store", there["GRAPHREPO_STORE"])
    command = (*PROGRAM, "migrate-data", "--data", str(data), *options)
    env = environment(**{**KEYS, **place_of(data)})
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL) as process:
        yield process


def _holders_of_libz(world: World) -> list[str]:
    asked: tuple[Person, str] = (world.nobody, "libz.so")
    pattern = read_path_pattern(asked[1])
    page = world.run(world.database.read(holders, asked[0].viewer, pattern, Window(10, 0)))
    return [view.filename for view in page.items]


def test_only_what_stands_still_is_moved(tmp_path: Path, world: World) -> None:
    world.close()
    run_sql(world.address, "INSERT INTO setting VALUES ('lease.upkeep', 'x 9999999999999')")
    target = f"sqlite:///{tmp_path / 'new.sqlite'}"
    status, said = move(tmp_path / "home", place_of(tmp_path / "home"), "--to-database", target)
    assert (status, "stop all of its servers" in said) == (1, True)


def test_nothing_is_moved_onto_something_else(tmp_path: Path, world: World) -> None:
    world.close()
    new, here = tmp_path / "new.sqlite", place_of(tmp_path / "home")
    options = ("--to-database", f"sqlite:///{new}")
    assert move(tmp_path / "home", here, *options)[0] == 0
    run_sql(new, "UPDATE artifact SET build = 'other' WHERE filename = 'xz-1.0-0.conda'")
    status, said = move(tmp_path / "home", here, *options)
    assert (status, "holds other data" in said) == (1, True)


def test_a_damaged_blob_is_named_and_not_carried_on(tmp_path: Path) -> None:
    source, target = (FilesystemStore(tmp_path / name) for name in ("old", "new"))
    source.put(b"whole")
    (entry,) = source.entries()
    assert carry(source, target, entry)
    assert not carry(source, target, entry)
    target.delete(entry.blake3)
    Path(source.path(entry.blake3)).write_bytes(b"spoilt")
    with pytest.raises(BlobMissingError, match="damaged"):
        carry(source, target, entry)
    assert not target.exists(entry.blake3)


def test_from_nothing_nothing_is_moved(tmp_path: Path) -> None:
    status, said = move(tmp_path, {}, "--to-database", f"sqlite:///{tmp_path / 'new.sqlite'}")
    assert (status, "There is no database" in said) == (1, True)
    assert not list(tmp_path.iterdir())


def test_something_must_be_named(tmp_path: Path) -> None:
    status, said = move(tmp_path, {})
    assert (status, "--to-database" in said) == (2, True)
