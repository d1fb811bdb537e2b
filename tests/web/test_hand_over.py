"""Whole files sent by the proxy in front: the real nginx, as the documentation configures it."""

import shutil
import socket
import subprocess
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.builders import package
from tests.docs.pages import fenced, page
from tests.server import Server, running
from tests.waiting import PATIENCE, until

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/sbin")
BIG = package("big", files={"data": bytes(range(256)) * 4096})
KEPT = ("etag", "last-modified", "cache-control", "content-type", "x-content-type-options")
CONFIG = """\
daemon off;
{user}
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/1;
    proxy_temp_path {folder}/2;
    fastcgi_temp_path {folder}/3;
    uwsgi_temp_path {folder}/4;
    scgi_temp_path {folder}/5;
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass {url}; proxy_set_header Host $http_host; }}
        {sending}
    }}
}}
"""


@pytest.fixture(scope="module")
def handing(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    data = tmp_path_factory.mktemp("handing") / "data"
    with running(data, GRAPHREPO_SENDFILE="x-accel-redirect") as server:
        yield server


@pytest.fixture(scope="module")
def channel(handing: Server) -> str:
    with handing.client("olga") as olga:
        name = olga.create_channel(is_public=False)
        olga.publish(name, BIG)
    return name


@pytest.fixture(scope="module")
def proxy(handing: Server, tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """Put nginx in front and return its address."""
    if NGINX is None:
        pytest.skip("nginx is not installed")
    folder = tmp_path_factory.mktemp("nginx")
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    (sending,) = fenced(page("operations.md"), "nginx sendfile")
    assert "/srv/graphrepo-data/" in sending
    config = folder / "nginx.conf"
    config.write_text(
        CONFIG.format(
            user="user root;" if Path("/proc/self").owner() == "root" else "",
            folder=folder,
            port=port,
            url=handing.url,
            sending=sending.replace("/srv/graphrepo-data/", f"{handing.data}/"),
        )
    )
    program = subprocess.Popen((NGINX, "-p", folder, "-c", config, "-e", folder / "error.log"))
    until(lambda: _listens(port))
    yield f"http://127.0.0.1:{port}"
    program.terminate()
    program.wait(30)


def _listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def ask(server: Server, url: str, path: str, **headers: str) -> httpx.Response:
    own = {"Authorization": f"Bearer {server.tokens['mia']}", **headers}
    return httpx.get(f"{url}{path}", headers=own, trust_env=False, timeout=PATIENCE)


def test_nginx_sends_the_file_with_the_servers_headers(
    handing: Server, channel: str, proxy: str
) -> None:
    path = f"/{channel}/noarch/{BIG.filename}"
    by_proxy, named = ask(handing, proxy, path), ask(handing, handing.url, path)
    assert by_proxy.content == BIG.data
    assert named.content == b""
    assert "x-accel-redirect" in named.headers
    assert "x-accel-redirect" not in by_proxy.headers
    assert by_proxy.headers["etag"] == f'"{BIG.sha256}"'
    assert by_proxy.headers["vary"] == "Authorization"
    kept = {name: named.headers[name] for name in KEPT}
    assert {name: by_proxy.headers.get(name) for name in KEPT} == kept


@pytest.mark.parametrize(
    ("headers", "status", "body"),
    [
        ({"Range": "bytes=10-19"}, 206, BIG.data[10:20]),
        ({"Range": "bytes=10-19", "If-Range": f'"{BIG.sha256}"'}, 206, BIG.data[10:20]),
        ({"Range": "bytes=10-19", "If-Range": '"older"'}, 200, BIG.data),
        ({"If-None-Match": f'"{BIG.sha256}"'}, 304, b""),
    ],
)
def test_ranges_and_conditions_hold_behind_nginx(
    handing: Server,
    channel: str,
    proxy: str,
    headers: dict[str, str],
    status: int,
    body: bytes,
) -> None:
    answer = ask(handing, proxy, f"/{channel}/noarch/{BIG.filename}", **headers)
    assert (answer.status_code, answer.content) == (status, body)


def test_nobody_gets_at_the_blobs_themselves(handing: Server, channel: str, proxy: str) -> None:
    path = f"/{channel}/noarch/{BIG.filename}"
    address = ask(handing, handing.url, path).headers["x-accel-redirect"]
    assert ask(handing, proxy, address).status_code == 404
    assert httpx.get(f"{proxy}{path}", trust_env=False, timeout=PATIENCE).status_code == 401


def test_small_documents_and_pages_come_as_ever(handing: Server, channel: str, proxy: str) -> None:
    for path in (f"/{channel}/noarch/repodata.json", "/healthz"):
        through, direct = ask(handing, proxy, path), ask(handing, handing.url, path)
        assert (through.status_code, through.content) == (200, direct.content)


def test_other_proxies_are_given_the_path(tmp_path: Path) -> None:
    settings = {"GRAPHREPO_SENDFILE": "x-sendfile"}
    with running(tmp_path / "data", "--server", "uvicorn", **settings) as server:
        with server.client("olga") as olga:
            name = olga.create_channel()
            olga.publish(name, BIG)
            answer = olga.get(f"/{name}/noarch/{BIG.filename}")
        assert answer.headers["content-length"] == "0"
        assert Path(answer.headers["x-sendfile"]).read_bytes() == BIG.data
