"""One running server for the commands that need one."""

from collections.abc import Generator

import pytest

from tests.site import Site, new_site


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Generator[Site]:
    with new_site(tmp_path_factory.mktemp("site") / "data") as running:
        yield running
