"""The object store goes away while the server runs, and comes back."""

import socket
import threading
from collections.abc import Generator
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from tests.builders import package
from tests.s3 import KEYS, S3Server
from tests.server import Server, running

_SOME = 64 * 1024


class Line:
    """A line to a server that can be cut: each connection is passed on, as long as it is whole."""

    def __init__(self, endpoint: str) -> None:
        there = urlsplit(endpoint)
        self._there = (there.hostname or "", there.port or 0)
        self._here = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.is_cut = False
        threading.Thread(target=self._take, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._here.getsockname()[1]}"

    def cut(self) -> None:
        """Break what is under way, and take nothing new."""
        self.is_cut = True
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self.is_cut = False

    def close(self) -> None:
        self.cut()
        with suppress(OSError):
            self._here.shutdown(socket.SHUT_RDWR)
        for end in (self._here, *self._open):
            end.close()

    def _take(self) -> None:
        with suppress(OSError):  # closed
            while True:
                near, _ = self._here.accept()
                if self.is_cut:
                    near.close()
                    continue
                far = socket.create_connection(self._there)
                self._open += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=_pass_on, args=ends, daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(_SOME):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def line(s3: S3Server) -> Generator[Line]:
    made = Line(s3.endpoint)
    yield made
    made.close()


@pytest.fixture
def server(line: Line, s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    store = s3.url(endpoint=line.endpoint)
    data = tmp_path_factory.mktemp("outage") / "data"
    with running(data, GRAPHREPO_STORE=store, GRAPHREPO_REDIRECT_ARTIFACTS="no", **KEYS) as server:
        yield server


def test_requests_are_refused_for_a_while_and_nothing_is_lost(server: Server, line: Line) -> None:
    with server.client("olga") as olga:
        channel = olga.create_channel()
        before, meanwhile = package("before"), package("meanwhile")
        olga.publish(channel, before)
        address = f"/{channel}/noarch/{before.filename}"
        assert olga.get(address).content == before.data

        line.cut()
        refused = (olga.upload(channel, meanwhile), olga.get(address), olga.get("/readyz"))
        for answer in refused:
            assert answer.status_code == 503, answer.text
            assert answer.headers["retry-after"] == "5"
            assert "The object store does not do what it is asked" in answer.text
        assert olga.get("/healthz").status_code == 200
        assert server.under_way == []

        line.mend()
        assert olga.get("/readyz").status_code == 200
        assert olga.get(address).content == before.data
        olga.publish(channel, meanwhile)
        listed = olga.get(f"/{channel}/noarch/repodata.json").json()["packages.conda"]
        assert set(listed) == {before.filename, meanwhile.filename}
