"""Two channels with the same packages, for tests that only read."""

from collections.abc import Generator
from dataclasses import dataclass

import pytest

from tests.builders import package
from tests.server import Client, Server

ZLIB = package("zlib", "1.3", files={"share/zlib.txt": b"z" * 2000})
PLUS = package("plus", "1!2.0+local.1", extension="tar.bz2")


@dataclass(frozen=True)
class Shelf:
    """The names of a public and a private channel, both with ``ZLIB`` and ``PLUS``."""

    public: str
    private: str


@pytest.fixture(scope="session")
def shelf(owner: Client) -> Shelf:
    names = [owner.create_channel(is_public=is_public) for is_public in (True, False)]
    for name in names:
        owner.publish(name, ZLIB, PLUS)
    return Shelf(*names)


@pytest.fixture
def browser(server: Server) -> Generator[Client]:
    """Olga, signed in with a cookie."""
    with server.client() as client:
        client.sign_in("olga")
        yield client
