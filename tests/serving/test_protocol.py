"""Plain requests on real connections: every way an answer can go, and what comes meanwhile."""

import http.client
import socket
from collections.abc import Generator

import pytest

from tests.serving.conftest import BLOCK, FILE, Served
from tests.waiting import until
from tests.web.wire import Wire, connected


@pytest.fixture
def wire(served: Served) -> Generator[Wire]:
    with connected(served) as opened:
        yield opened


def asked(served: Served, *names: str, method: str = "GET") -> list[tuple[int, bytes]]:
    """Return the answers on one connection, one after the other."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    found: list[tuple[int, bytes]] = []
    for name in names:
        connection.request(method, f"/lab/{name}")
        answer = connection.getresponse()
        found.append((answer.status, answer.read()))
    connection.close()
    return found


def test_answers_follow_each_other_on_one_connection(served: Served) -> None:
    names = ["now", "later", "unchanged", "parts", "whole", "now", "whole", "later"]
    bodies = {"now": b"now", "later": b"later", "unchanged": b"", "parts": FILE, "whole": FILE}
    expected = [(304 if name == "unchanged" else 200, bodies[name]) for name in names]
    assert asked(served, *names) == expected


def test_a_head_is_answered_without_a_body(served: Served) -> None:
    names = ["now", "later", "parts", "whole"]
    assert asked(served, *names, method="HEAD") == [(200, b"")] * 4


def test_plain_and_other_requests_take_turns(wire: Wire) -> None:
    other = "Connection: keep-alive, x"
    for path, *headers in [
        ("/lab/now",),
        ("/lab/now", other),
        ("/lab/later",),
        ("/lab/now", other),
    ]:
        wire.ask("GET", path, *headers)
        length = int(wire.read_head().partition("content-length: ")[2].split("\r\n")[0])
        assert wire.socket.recv(100) == path.rpartition("/")[2].encode()[:length]


@pytest.mark.parametrize("first", ["now", "later", "whole"])
def test_requests_that_do_not_wait_for_answers_get_theirs_in_order(wire: Wire, first: str) -> None:
    for name in (first, "later", "now"):
        wire.ask("GET", f"/lab/{name}")
    wire.ask("GET", "/lab/last")
    heard = wire.read()
    bodies = [b"later", b"now", b"last"]
    assert heard.count(b"HTTP/1.1 200 OK") == 4
    places = [heard.rindex(b"\r\n\r\n" + body) for body in bodies]
    assert places == sorted(places)


def test_a_file_waits_for_the_answer_before_it(served: Served, wire: Wire) -> None:
    """What the client has not read yet is with the transport, and the file goes past that."""
    wire.ask("GET", "/lab/now")
    assert wire.read_head()
    assert received(wire, 3) == b"now"
    connection = served.connection
    connection.loop.call_soon_threadsafe(
        connection.transport.set_write_buffer_limits, 2 * len(BLOCK)
    )
    wire.ask("GET", "/lab/block")
    assert "200 ok" in wire.read_head()
    wire.ask("GET", "/lab/whole")
    assert received(wire, len(BLOCK)) == BLOCK
    assert "200 ok" in wire.read_head()
    assert received(wire, len(FILE)) == FILE


def test_answers_that_nobody_takes_do_not_pile_up(served: Served, wire: Wire) -> None:
    wire.ask("GET", "/lab/block")
    assert "200 ok" in wire.read_head()
    connection = served.connection
    wire.ask("GET", "/lab/block")
    assert asked(served, "now")  # so that the one before has come alone
    wire.ask("GET", "/lab/last")
    until(lambda: connection.flow.read_paused)
    assert connection.transport.get_write_buffer_size() <= len(BLOCK)
    assert wire.read().endswith(b"\r\n\r\nlast")


def received(wire: Wire, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        found += wire.socket.recv(min(65536, size - len(found)))
    return bytes(found)


def test_what_came_early_may_come_in_pieces(wire: Wire) -> None:
    wire.ask("GET", "/lab/later")
    for byte in b"GET /lab/last HTTP/1.1\r\nHost: test\r\n\r\n":
        wire.send(bytes([byte]))
    assert wire.read().endswith(b"\r\n\r\nlast")


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("fails", b""),
        ("fails_later", b"HTTP/1.1 200 OK"),
        ("divides", b""),
        ("endless", b""),
        ("says_less", b"HTTP/1.1 200 OK"),
        ("says_more", b"HTTP/1.1 200 OK"),
        ("missing", b""),
        ("short", b"HTTP/1.1 200 OK"),
        ("last", b"HTTP/1.1 200 OK"),
    ],
)
def test_what_goes_wrong_ends_the_connection(wire: Wire, name: str, begins: bytes) -> None:
    wire.ask("GET", f"/lab/{name}")
    heard = wire.read()
    assert heard.startswith(begins)
    assert begins or not heard


def test_the_same_bytes_get_the_answer_that_was_offered(served: Served) -> None:
    """With the field that it has of its own, on whatever connection; and other bytes do not."""
    fields: list[tuple[str | None, str | None]] = []
    bodies: list[bytes] = []
    for agent, client in (("a", "1"), ("a", "2"), ("b", "3"), ("a", "4")):
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
        said = {"User-Agent": agent, "X-Forwarded-For": client}
        connection.request("GET", "/lab/offers", headers=said)
        answer = connection.getresponse()
        bodies.append(answer.read())
        fields.append((answer.getheader("x-kept"), answer.getheader("x-again")))
        connection.close()
    assert bodies == [b"1", b"1", b"2", b"1"]
    again = [None, "127.0.0.1 2", None, "127.0.0.1 4"]
    assert fields == [("yes", own) for own in again]


def test_what_the_application_takes_back_is_asked_anew(served: Served) -> None:
    served.stage.is_still_true = False
    assert asked(served, "offers", "offers", "offers") == [(200, b"%d" % n) for n in (1, 2, 3)]


def test_the_application_hears_that_its_client_left(served: Served) -> None:
    with connected(served) as wire:
        wire.ask("GET", "/lab/waits")
        until(lambda: served.stage.heard == ["begin", "http.request"])
    until(lambda: served.stage.heard[2:] == ["http.disconnect"])


def test_who_leaves_in_a_file_keeps_nothing_open(served: Served) -> None:
    for name in ("whole", "parts"):
        with connected(served) as wire:
            wire.ask("GET", f"/lab/{name}")
            assert wire.socket.recv(1000)
    until(lambda: not served.server.server_state.connections)
    assert not served.server.server_state.tasks


def test_a_slow_reader_gets_the_whole_file(wire: Wire) -> None:
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    wire.ask("GET", "/lab/whole")
    wire.ask("GET", "/lab/last")
    assert FILE in wire.read()


def test_who_has_no_more_to_say_gets_the_whole_file(served: Served, wire: Wire) -> None:
    served.stage.path.write_bytes(BLOCK)
    wire.ask("GET", "/lab/whole")
    first = wire.socket.recv(1)
    wire.socket.shutdown(socket.SHUT_WR)
    assert (first + wire.read()).partition(b"\r\n\r\n")[2] == BLOCK


def test_a_server_that_stops_finishes_its_answers(served: Served) -> None:
    with connected(served) as wire, connected(served) as idle:
        idle.ask("GET", "/lab/now")
        assert idle.socket.recv(1000)
        wire.ask("GET", "/lab/whole")
        assert wire.socket.recv(1)
        served.server.should_exit = True
        assert wire.read().endswith(FILE[-1000:])
        assert idle.read() == b""
