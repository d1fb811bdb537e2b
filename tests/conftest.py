"""One running server for all tests that need no server of their own."""

import os
from collections.abc import Generator
from contextlib import AbstractContextManager
from typing import Any, cast

import pytest
from coverage import Coverage
from hypothesis import settings

from tests.databases import KIND
from tests.issuer import AUDIENCES, Issuer, issuing
from tests.s3 import S3Server, shared_s3
from tests.server import MAX_UPLOAD, Client, Server, running
from tests.sigstore import Sigstore

_API = ("accounts", "filters", "jobs", "rights", "storage")
MEASURED = (
    *("tests/access/", "tests/conda/", "tests/registry/"),
    *(f"tests/graphql/test_{topic}.py" for topic in _API),
)
"""The tests that must reach every branch of ``access``, ``conda`` and ``registry``."""

settings.register_profile("graphrepo", deadline=None)  # a slow machine is no failure
settings.load_profile("graphrepo")


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Server:
    """Share uvicorn, and for tests that are marked so granian as well."""
    return request.getfixturevalue(f"on_{request.param}")


@pytest.fixture(scope="session")
def on_granian(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    """Serve on granian, from the first test that wants it to the end."""
    with _shared("granian", tmp_path_factory) as started:
        yield started


@pytest.fixture(scope="session")
def on_uvicorn(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    """Serve on uvicorn, likewise."""
    with _shared("uvicorn", tmp_path_factory) as started:
        yield started


def _shared(kind: str, tmp_path_factory: pytest.TempPathFactory) -> AbstractContextManager[Server]:
    data = tmp_path_factory.mktemp(kind) / "data"
    return running(data, "--server", kind, GRAPHREPO_MAX_UPLOAD_BYTES=str(MAX_UPLOAD))


@pytest.fixture(scope="session")
def owner(server: Server) -> Generator[Client]:
    """Olga, who owns every channel that she creates."""
    with server.client("olga") as client:
        yield client


@pytest.fixture(scope="session")
def contributor(server: Server) -> Generator[Client]:
    """Carl, who contributes to olga's channels."""
    with server.client("carl") as client:
        yield client


@pytest.fixture(scope="session")
def member(server: Server) -> Generator[Client]:
    """Mia, who may read olga's channels."""
    with server.client("mia") as client:
        yield client


@pytest.fixture(scope="session")
def stranger(server: Server) -> Generator[Client]:
    """Sam, who has an account and nothing else."""
    with server.client("sam") as client:
        yield client


@pytest.fixture(scope="session")
def nobody(server: Server) -> Generator[Client]:
    """Somebody without any credential."""
    with server.client() as client:
        yield client


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Generator[S3Server]:
    """Serve S3, once for all workers of the test run."""
    base = tmp_path_factory.getbasetemp()
    with shared_s3((base if worker_id == "master" else base.parent) / "s3") as server:
        yield server


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let everything run on another database, and crash more often than there is time by day."""
    parser.addoption("--database", choices=["sqlite", "postgresql"], default=None)
    parser.addoption("--rounds", type=int, default=None, help="of each crash test; few by default")


def pytest_configure(config: pytest.Config) -> None:
    """Say it to the tests, and to the processes that they start."""
    kind = config.getoption("--database")
    if kind:
        os.environ[KIND] = kind  # noqa: TID251 - workers of xdist and programs inherit it


@pytest.fixture(scope="session")
def issuer() -> Generator[Issuer]:
    """Run a CI service that gives its jobs tokens."""
    with issuing() as started:
        yield started


@pytest.fixture(scope="session")
def sigstore() -> Sigstore:
    """Sign attestations, in place of the public Sigstore."""
    return Sigstore()


@pytest.fixture(scope="session")
def hub(
    issuer: Issuer, sigstore: Sigstore, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Server]:
    """Serve a fresh directory; the issuer stands for GitHub's, the trust root is ours."""
    folder = tmp_path_factory.mktemp("hub")
    (folder / "trusted_root.json").write_bytes(sigstore.trust_root())
    with running(
        folder / "data",
        GRAPHREPO_OIDC_AUDIENCE=",".join(AUDIENCES),
        GRAPHREPO_OIDC_ISSUERS=f"github={issuer.url}",
        GRAPHREPO_ALLOW_PRIVATE_SOURCES="yes",
        GRAPHREPO_SIGSTORE_TRUST_ROOT=str(folder / "trusted_root.json"),
    ) as started:
        yield started


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the web servers of a test that uses the shared one, not its module's own."""
    module = cast("Any", metafunc).module  # its own type is partly unknown
    if "server" not in metafunc.fixturenames or hasattr(module, "server"):
        return
    is_for_both = metafunc.definition.get_closest_marker("both_servers") is not None
    kinds = ["uvicorn", "granian"] if is_for_both else ["uvicorn"]
    metafunc.parametrize("server", kinds, indirect=True, scope="session")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure coverage where it counts alone: a test that is measured takes twice as long.

    What chance chooses does not count: a branch that it reaches today it may miss tomorrow.
    """
    measured = Coverage.current()
    by_chance = item.get_closest_marker("hypothesis") is not None
    if measured is None or (item.nodeid.startswith(MEASURED) and not by_chance):
        return (yield)
    measured.stop()
    try:
        return (yield)
    finally:
        measured.start()


@pytest.hookimpl(wrapper=True, optionalhook=True)  # of xdist
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """Take one process more than there are cores: a third of the time tests wait for servers."""
    return (yield) + 1


@pytest.hookimpl(optionalhook=True)  # of xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Give a whole file to one process, so that what its tests share is made once.

    Files go in their order, which leaves the browser for last.
    """
    # Here, not above: a run in one process needs no xdist.
    import xdist.scheduler as xdist  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]

    config.option.loadscopereorder = False
    scheduler: Any = xdist.LoadFileScheduling
    return scheduler(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the browser for last: its driver keeps an event loop running in the process.

    Of its files the longest go first, so that all processes of the run end at about one time.
    """
    size = {path: path.stat().st_size for path in {item.path for item in items}}

    def place(item: pytest.Item) -> tuple[bool, int]:
        is_last = item.path.parent.name == "ui"
        return is_last, -size[item.path] if is_last else 0

    items.sort(key=place)
