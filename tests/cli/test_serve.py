"""``graphrepo serve``: both servers keep the same promises."""

import signal
import socket
from pathlib import Path

import httpx
import psutil
import pytest

from tests.cli.calls import called
from tests.processes import PASSWORD, Serving, run, serving
from tests.waiting import PATIENCE, until


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


IPV6 = ("::1", "[::1]") if has_ipv6() else ("localhost", "127.0.0.1")
STARTS = [
    ("granian", 1, "localhost", "127.0.0.1"),
    ("uvicorn", 1, "0.0.0.0", "127.0.0.1"),  # noqa: S104 - for a moment, on some free port
    ("granian", 2, *IPV6),
    ("uvicorn", 2, *IPV6),
]
"""Servers, workers, where they listen, and where they say that one can open them."""


def sign_in(server: Serving, login: str, password: str) -> httpx.Response:
    credentials = {"login": login, "password": password}
    return httpx.post(f"{server.url}/api/auth/login", json=credentials, timeout=PATIENCE)


def worker_processes(server: Serving) -> list[psutil.Process]:
    children = psutil.Process(server.process.pid).children()
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


@pytest.mark.parametrize(("kind", "workers", "host", "printed"), STARTS)
def test_the_first_start_prints_a_link_that_makes_one_administrator(
    tmp_path: Path, kind: str, workers: int, host: str, printed: str
) -> None:
    options = ("--server", kind, "--workers", str(workers), "--host", host)
    with serving(tmp_path / "data", *options, is_first=True, is_new=True) as server:
        assert server.url.startswith(f"http://{printed}:")
        assert httpx.get(f"{server.url}/healthz", timeout=PATIENCE).status_code == 200
        first = {"token": server.setup_token, "login": "root", "password": PASSWORD}
        assert httpx.post(f"{server.url}/api/auth/setup", json=first, timeout=PATIENCE).is_success
        assert sign_in(server, "root", PASSWORD).is_success
        second = {**first, "login": "intruder"}
        assert httpx.post(
            f"{server.url}/api/auth/setup", json=second, timeout=PATIENCE
        ).is_client_error
        assert server.stop() == 0
        assert server.said.read() == ""
    assert (tmp_path / "data.log").read_text().count("Traceback") == 0


def test_a_new_start_without_users_makes_the_old_link_useless(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data, is_first=True) as server:
        old = server.setup_token
    with serving(data, is_first=True) as server:
        stale = {"token": old, "login": "root", "password": PASSWORD}
        assert httpx.post(
            f"{server.url}/api/auth/setup", json=stale, timeout=PATIENCE
        ).is_client_error
        fresh = {**stale, "token": server.setup_token}
        assert httpx.post(f"{server.url}/api/auth/setup", json=fresh, timeout=PATIENCE).is_success


def test_the_environment_names_the_administrator_instead(tmp_path: Path) -> None:
    data = tmp_path / "data"
    variables = {"GRAPHREPO_ADMIN_LOGIN": "boss", "GRAPHREPO_ADMIN_PASSWORD": PASSWORD}
    with serving(data, "--workers", "2", env=variables) as server:
        assert sign_in(server, "boss", PASSWORD).json()["isAdmin"] is True
        assert server.stop() == 0
        assert "setup" not in server.said.read()
    # The password is for the creation: a later start does not undo a change of it.
    with serving(data, env={**variables, "GRAPHREPO_ADMIN_PASSWORD": "something else"}) as server:
        assert sign_in(server, "boss", PASSWORD).is_success
        assert sign_in(server, "boss", "something else").is_client_error


@pytest.mark.parametrize(("kind", "workers"), [("granian", "1"), ("uvicorn", "2")])
def test_a_worker_that_is_killed_is_replaced(tmp_path: Path, kind: str, workers: str) -> None:
    options = ("--server", kind, "--workers", workers)
    with serving(tmp_path / "data", *options, is_first=True) as server:
        before = worker_processes(server)
        assert len(before) == int(workers)
        for worker in before:
            worker.kill()
        psutil.wait_procs(before, timeout=10)
        patient = httpx.HTTPTransport(retries=8)
        with httpx.Client(transport=patient, timeout=60) as client:
            assert client.get(f"{server.url}/healthz").is_success
        assert server.stop() == 0


def has_ended(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize(("kind", "workers"), [("granian", "1"), ("uvicorn", "2")])
def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path, kind: str, workers: str) -> None:
    options = ("--server", kind, "--workers", workers)
    with serving(tmp_path / "data", *options, is_first=True) as server:
        left = worker_processes(server)
        assert len(left) == int(workers)
        server.process.kill()
        until(lambda: all(map(has_ended, left)))


def test_a_taken_port_is_told_and_is_not_shared(tmp_path: Path) -> None:
    with serving(tmp_path / "data", is_first=True) as server:
        port = server.url.rpartition(":")[2]
        for kind in ("granian", "uvicorn"):
            ran = run("serve", "--data", tmp_path / "two", "--port", port, "--server", kind)
            assert (ran.status, ran.out) == (1, "")
            assert ran.err == (
                f"Cannot listen on 127.0.0.1 port {port}: Address already in use;"
                " choose another --host or --port.\n"
            )


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--server", "apache"), "apache"),
        (("--workers", "0"), "workers"),
        (("--port", "70000"), "port"),
    ],
)
def test_a_wrong_call_is_status_2(options: tuple[str, str], word: str) -> None:
    status, text = called("serve", *options)
    assert status == 2
    assert word in text


def test_the_public_address_of_the_settings_is_the_one_that_is_printed(tmp_path: Path) -> None:
    variables = {"GRAPHREPO_BASE_URL": "https://conda.example.org/"}
    with serving(tmp_path / "data", env=variables, is_first=True) as server:
        assert server.url == "https://conda.example.org"


def test_an_address_of_nobody_is_told(tmp_path: Path) -> None:
    ran = run("serve", "--data", tmp_path / "data", "--host", "no.such.host.invalid")
    assert ran.status == 1
    assert ran.err.startswith("Cannot listen on no.such.host.invalid port 8000: ")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("kind", ["granian", "uvicorn"])
def test_after_ctrl_c_a_start_takes_the_same_port_at_once(tmp_path: Path, kind: str) -> None:
    data, options = tmp_path / "data", ("--server", kind)
    with serving(data, *options, is_first=True, is_new=True) as server:
        # The server closes this connection, so the port stays in TIME_WAIT for a minute.
        httpx.get(f"{server.url}/healthz", headers={"Connection": "close"}, timeout=PATIENCE)
        port = server.url.rpartition(":")[2]
        assert server.stop(signal.SIGINT) == 0
    assert "Traceback" not in (tmp_path / "data.log").read_text()
    with serving(data, *options, "--port", port, is_first=True, is_new=True) as again:
        assert again.url == server.url
        assert httpx.get(f"{again.url}/healthz", timeout=PATIENCE).is_success
