"""Two channels with the same packages, for tests that only read; a server that trusts signers."""

from collections.abc import Generator
from dataclasses import dataclass

import pytest

from tests.builders import package
from tests.issuer import Issuer, issuing
from tests.server import Client, Server, running
from tests.sigstore import Sigstore

ZLIB = package("zlib", "1.3", files={"share/zlib.txt": b"z" * 2000})
HOST = "packages.example"
"""By which name the tokens of CI jobs mean the hub."""

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
        GRAPHREPO_OIDC_AUDIENCE=HOST,
        GRAPHREPO_OIDC_ISSUERS=f"github={issuer.url}",
        GRAPHREPO_ALLOW_PRIVATE_SOURCES="yes",
        GRAPHREPO_SIGSTORE_TRUST_ROOT=str(folder / "trusted_root.json"),
    ) as started:
        yield started
