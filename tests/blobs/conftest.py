"""The stores that must all keep the same promises."""

from pathlib import Path

import pytest

from graphrepo.blobs.filesystem import FilesystemStore
from graphrepo.blobs.memory import MemoryStore
from graphrepo.blobs.opening import open_store
from graphrepo.blobs.staging import Staging
from graphrepo.blobs.store import BlobStore
from tests.clocks import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture(params=["filesystem", "memory", "s3"])
def store(request: pytest.FixtureRequest, root: Path, clock: HandClock) -> BlobStore:
    if request.param == "memory":
        return MemoryStore(Staging(root / "staging"), clock)
    if request.param == "filesystem":
        return FilesystemStore(root, clock)
    return open_store(request.getfixturevalue("s3").address(), root / "staging", clock=clock)
