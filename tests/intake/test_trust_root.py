"""The trust root is fetched by TUF while attestations come in, and never waited for in vain."""

# python-tuf's own pages import from these modules.
# pyright: reportPrivateImportUsage=false

import asyncio
import functools
import threading
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.serialization.json import JSONSerializer

from graphrepo.errors import AttestationsUnavailableError
from graphrepo.intake.trust_root import TrustRoot, fetched, shipped
from tests.clocks import HandClock

NAME = "trusted_root.json"


@dataclass
class Repository:
    """A TUF repository on this machine, all of it signed by one key."""

    url: str
    folder: Path
    signer: CryptoSigner

    def publish(self, name: str, content: bytes) -> bytes:
        """Sign that the repository has one file, and return the root that proves it."""
        later = datetime.now(UTC) + timedelta(days=1)  # noqa: TID251 - TUF asks the clock itself
        (self.folder / "targets").mkdir(parents=True, exist_ok=True)
        target = TargetFile.from_data(name, content, ["sha256"])
        (self.folder / "targets" / f"{target.hashes['sha256']}.{name}").write_bytes(content)
        root = Root(expires=later, consistent_snapshot=True)
        for role in ("root", "timestamp", "snapshot", "targets"):
            root.add_key(self.signer.public_key, role)
        self._write("timestamp.json", Metadata(Timestamp(expires=later)))
        self._write("1.snapshot.json", Metadata(Snapshot(expires=later)))
        targets = Targets(expires=later, targets={name: target})
        self._write("1.targets.json", Metadata(targets))
        return self._write("1.root.json", Metadata(root))

    def _write(self, name: str, metadata: Metadata[Any]) -> bytes:
        metadata.sign(self.signer)
        data = metadata.to_bytes(JSONSerializer())
        (self.folder / name).write_bytes(data)
        return data


@pytest.fixture
def repository(tmp_path: Path) -> Generator[Repository]:
    class Files(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's
            pass

    handler = functools.partial(Files, directory=str(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    signer = CryptoSigner.generate_ecdsa()
    yield Repository(f"http://127.0.0.1:{server.server_port}", tmp_path, signer)
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_document_is_fetched_and_proven(repository: Repository) -> None:
    root = repository.publish(NAME, b"whom to believe")
    assert fetched(repository.url, root) == b"whom to believe"


def test_a_repository_without_the_document_or_with_another_one_is_no_help(
    repository: Repository,
) -> None:
    root = repository.publish("other.json", b"something else")
    with pytest.raises(AttestationsUnavailableError, match="has no trusted_root"):
        fetched(repository.url, root)
    root = repository.publish(NAME, b"whom to believe")
    for file in (repository.folder / "targets").glob(f"*.{NAME}"):
        file.write_bytes(b"whom to BELIEVE")
    with pytest.raises(Exception, match="hash"):
        fetched(repository.url, root)


class Source:
    """What a fetch brings; an exception is what hinders it."""

    def __init__(self) -> None:
        self.brings: bytes | Exception = b"first"
        self.asked = 0

    def __call__(self) -> bytes:
        self.asked += 1
        if isinstance(self.brings, Exception):
            raise self.brings
        return self.brings


def test_it_is_fetched_once_a_day_in_the_background() -> None:
    async def scenario() -> None:
        clock, source = HandClock(), Source()
        root = TrustRoot(clock, None, source)
        assert await root.current() == b"first"
        source.brings = b"second"
        clock.advance(timedelta(hours=23))
        assert (await root.current(), source.asked) == (b"first", 1)
        clock.advance(timedelta(hours=1))
        assert await root.current() == b"first"  # nobody waits for the second one
        await root.refreshed()
        assert (await root.current(), source.asked) == (b"second", 2)

    asyncio.run(scenario())


def test_what_cannot_be_fetched_is_tried_again_an_hour_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scenario() -> None:
        clock, source = HandClock(), Source()
        source.brings = OSError("no network")
        root = TrustRoot(clock, None, source)
        for _ in range(2):
            assert await root.current() == shipped(NAME)
        assert source.asked == 1
        source.brings = b"first"
        clock.advance(timedelta(hours=1))
        assert await root.current() == b"first"

    asyncio.run(scenario())
    assert "could not be refreshed: no network" in caplog.text
