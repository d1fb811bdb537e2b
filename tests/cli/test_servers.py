"""What a web server is given by the process that it runs in."""

import resource
from collections.abc import Generator

import pytest

from graphrepo.cli.servers import allow_many_connections

FILES = resource.RLIMIT_NOFILE


@pytest.fixture
def limits() -> Generator[tuple[int, int]]:
    before = resource.getrlimit(FILES)
    yield before
    resource.setrlimit(FILES, before)


def test_a_server_has_as_many_connections_as_the_machine_allows(limits: tuple[int, int]) -> None:
    _, hard = limits
    resource.setrlimit(FILES, (1000, hard))
    allow_many_connections()
    most = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    assert resource.getrlimit(FILES) == (most, hard)


def test_what_it_has_already_is_not_taken_away(limits: tuple[int, int]) -> None:
    _, hard = limits
    resource.setrlimit(FILES, (hard, hard))
    allow_many_connections()
    assert resource.getrlimit(FILES) == (hard, hard)
