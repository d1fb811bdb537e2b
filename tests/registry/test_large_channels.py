"""On PostgreSQL, what every request asks for is found by indexes, however large a channel is.

PostgreSQL itself counts the rows that it has read. A walk through a table would be thousands.
"""

from collections.abc import Awaitable, Generator

import pytest

from graphrepo.model.database import Database, rows
from graphrepo.model.engine import Pool
from graphrepo.registry.requests import NewApiKey, VariantQuery
from graphrepo.registry.sharding import touched_names
from graphrepo.registry.views import Window
from tests.builders import package
from tests.clocks import HandClock
from tests.databases import drop, on_postgres, query
from tests.registry.world import Person, World

pytestmark = pytest.mark.skipif(not on_postgres(), reason="counts the rows of PostgreSQL")

NAMES, FILES = 4000, 2
"""Packages, and files of each."""
FEW = 200
"""Rows that a request may read, with a margin."""
PAGE = Window(20)


class OneOfEach(Database):
    """A database with one connection for each kind of work, so that all can be asked."""

    def __init__(self, address: str) -> None:
        super().__init__(address, Pool(readers=1, surveyors=1, writers=1))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    world = World(tmp_path_factory.mktemp("large"), HandClock(), OneOfEach)
    yield world
    world.close()
    drop(world.address)


@pytest.fixture(scope="module")
def ada(world: World) -> Person:
    """Ada, whose channel holds many files, and the document of all of them."""
    ada = world.person("ada")
    ada.create_channel("lab", is_public=False)
    ada.publish("lab", package("zlib"))
    world.run(world.database.transact(fill))
    world.run(world.database.transact(rows, "ANALYZE"))
    ada.repodata("lab")
    return ada


def fill() -> None:
    """Multiply the only package, and its only file."""
    for statement in (_PACKAGES, _FILES, _INFOS, _REVISIONS):
        rows(statement, names=NAMES, files=FILES)


def read_by(world: World, *asked: Awaitable[object]) -> int:
    """Return how many rows PostgreSQL reads to answer."""
    before = counted(world)

    async def ask() -> None:
        for each in asked:
            await each

    world.run(ask())
    return counted(world) - before


def counted(world: World) -> int:
    flush = "SELECT pg_stat_force_next_flush()"
    for do in (world.database.read, world.database.survey, world.database.transact):
        world.run(do(rows, flush))
    assert isinstance(world.address, str)
    ((total,),) = query(world.address, _READ)
    return int(total)


@pytest.mark.parametrize("name", ["{file}", "repodata.json"])
def test_a_file_or_document_is_looked_up(world: World, ada: Person, name: str) -> None:
    ((filename,),) = world.run(world.database.read(rows, _ONE_FILE))
    asked = ("lab", "noarch", name.format(file=filename))
    world.run(world.database.transact(rows, _COMMIT))  # so that nothing is remembered
    assert 0 < read_by(world, world.registry.indexing.file(ada.viewer, *asked)) < FEW


def test_a_key_is_looked_up(world: World, ada: Person) -> None:
    world.run(world.database.transact(rows, _KEYS, names=NAMES, user=ada.viewer.user_id))
    _, token = world.run(world.registry.keys.create(ada.viewer, NewApiKey("mine")))
    world.run(world.database.transact(rows, "ANALYZE api_key"))
    assert 0 < read_by(world, world.registry.accounts.viewer_of_token(token)) < FEW


def test_a_package_page_reads_its_package(world: World, ada: Person) -> None:
    catalog = world.registry.catalog
    ((ident, name),) = world.run(world.database.read(rows, _ONE_PACKAGE))
    asked = (
        catalog.package(ada.viewer, "lab", name),
        catalog.platforms_of([ident]),
        catalog.versions_of([ident], PAGE),
        catalog.latest_of([ident]),
        catalog.variants_of([ident], VariantQuery(PAGE)),
    )
    assert 0 < read_by(world, *asked) < FEW


def test_what_changed_is_found_without_looking_at_the_rest(world: World, ada: Person) -> None:
    ada.publish("lab", package("fresh"))
    ((ident, revision),) = world.run(world.database.read(rows, "SELECT id, revision FROM subdir"))
    assert 0 < read_by(world, world.database.read(touched_names, ident, revision - 1)) < FEW


def test_an_upload_reads_what_it_concerns(world: World, ada: Person) -> None:
    assert 0 < read_by(world, ada.publishing("lab", package("newest"))) < 2 * FEW


def test_files_are_found_by_spec_and_by_path(world: World, ada: Person) -> None:
    ((_, name),) = world.run(world.database.read(rows, _ONE_PACKAGE))
    by_spec = world.registry.search.variants_by_spec(ada.viewer, f"{name}>=1", None, PAGE)
    assert 0 < read_by(world, by_spec) < FEW
    assert read_by(world, world.registry.search.paths(ada.viewer, "lib/libz.so", PAGE)) < FEW


_PACKAGES = """
    INSERT INTO package SELECT new.* FROM package p, generate_series(1, $names) n,
      jsonb_populate_record(p, jsonb_build_object('id', nextval('package_id_seq'),
        'name', 'p' || substr(md5(n::text), 1, 9), 'changed_in', n)) AS new
"""
_FILES = """
    INSERT INTO artifact SELECT new.* FROM artifact a, package p, generate_series(1, $files) n,
      jsonb_populate_record(a, jsonb_build_object('id', nextval('artifact_id_seq'),
        'package_id', p.id, 'filename', p.name || '-' || n || '.0-0.conda', 'version', n || '.0',
        'blake3', md5(p.name) || md5(n::text), 'added_in', p.id, 'changed_in', p.id)) AS new
    WHERE p.id <> a.package_id
"""
_INFOS = """
    INSERT INTO artifact_info SELECT new.* FROM artifact_info i, artifact a,
      jsonb_populate_record(i, jsonb_build_object('artifact_id', a.id)) AS new
    WHERE a.id <> i.artifact_id
"""
_REVISIONS = """
    WITH newest AS (SELECT max(changed_in) AS n FROM artifact), s AS (
      UPDATE subdir SET revision = n FROM newest)
    UPDATE channel SET revision = n FROM newest
"""
_KEYS = """
    INSERT INTO api_key (user_id, name, digest, mode, created_at)
    SELECT $user, 'key ' || n, sha256(n::text::bytea), 'all', 0 FROM generate_series(1, $names) n
"""
_ONE_FILE = "SELECT filename FROM artifact ORDER BY id DESC LIMIT 1"
_ONE_PACKAGE = "SELECT id, name FROM package WHERE name LIKE 'p%' ORDER BY name LIMIT 1"
_COMMIT = "INSERT INTO setting VALUES ('moved', '') ON CONFLICT (name) DO UPDATE SET value = ''"
_READ = """
    SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) FROM pg_stat_user_tables
"""
