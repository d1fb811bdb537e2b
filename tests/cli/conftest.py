"""One running server with an owner and two channels, for the commands that need one."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.processes import PASSWORD, made, serving


@dataclass(frozen=True)
class Site:
    """A running server, its data directory, and a key of the owner of its channels."""

    url: str
    data: Path
    token: str


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Generator[Site]:
    data = tmp_path_factory.mktemp("site") / "data"
    made("user", "create", "olga", "--password-stdin", "--data", data, typed=f"{PASSWORD}\n")
    with serving(data) as server:
        made("channel", "create", "open", "--owner", "olga", "--data", data)
        made("channel", "create", "closed", "--owner", "olga", "--private", "--data", data)
        yield Site(server.url, data, made("key", "create", "olga", "site", "--data", data))
