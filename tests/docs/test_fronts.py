"""The configurations of proxies as they stand, but for names and ports, before a real server."""

import asyncio
import json
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from graphrepo.settings import Settings
from tests.builders import package
from tests.docs.pages import ROOT
from tests.processes import PASSWORD
from tests.server import Server
from tests.waiting import PATIENCE, until

DEPLOY = ROOT / "docs" / "deploy"
BUILT = package("fronted", "1.0", files={"share/noise": bytes(range(256)) * 12_000})


@dataclass(frozen=True)
class Front:
    """A running proxy: its TLS port, the certificate to trust, its own log."""

    port: int
    certificate: Path
    log: Path

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.certificate)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def nginx(folder: Path, server: Server) -> tuple[Front, list[str]]:
    front = Front(free_port(), folder / "fullchain.pem", folder / "graphrepo.log")
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    made = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    out = ("-nodes", "-days", "2", "-keyout", folder / "key.pem", "-out", front.certificate)
    subprocess.run((*made, *subject, *out), check=True, capture_output=True)
    text = (DEPLOY / "nginx.conf").read_text()
    for old, new in {
        "127.0.0.1:8000": server.url.removeprefix("http://"),
        "conda.example.org": "localhost",
        "/etc/ssl/graphrepo": str(folder),
        "/var/log/nginx": str(folder),
        "listen [::]:443 ssl http2;": "",
        "listen [::]:80;": "",
        "listen 443": f"listen 127.0.0.1:{front.port}",
        "listen 80": f"listen 127.0.0.1:{free_port()}",
    }.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "site.conf").write_text(text)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}"
        f" http {{ {temporary} include {folder}/site.conf; }}"
    )
    return front, ["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]


def caddy(folder: Path, server: Server) -> tuple[Front, list[str]]:
    authority = folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
    front = Front(free_port(), authority, folder / "graphrepo.log")
    text = (DEPLOY / "Caddyfile").read_text()
    for old, new in {
        "{$SERVERS:127.0.0.1:8000}": server.url.removeprefix("http://"),
        "{$SITE:conda.example.org}": f"localhost:{front.port}",
        "\tlog {": f"\tlog {{\n\t\toutput file {front.log}",
    }.items():
        assert old in text
        text = text.replace(old, new)
    own = ("admin off", "skip_install_trust", "auto_https disable_redirects")
    options = "\n".join((*own, f"storage file_system {folder}/caddy"))
    (folder / "Caddyfile").write_text(f"{{\n{options}\n}}\n{text}")
    return front, ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


PROXIES: dict[str, Callable[[Path, Server], tuple[Front, list[str]]]] = {
    "nginx": nginx,
    "caddy": caddy,
}


@pytest.fixture(scope="module", params=PROXIES)
def front(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, server: Server
) -> Generator[Front]:
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    folder = tmp_path_factory.mktemp(request.param)
    started, command = PROXIES[request.param](folder, server)
    with (folder / "output.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)

    def answers() -> bool:
        assert process.poll() is None, (folder / "output.log").read_text()
        try:
            return httpx.get(f"{started.url}/healthz", verify=started.trust()).is_success
        except (OSError, httpx.HTTPError):
            return False

    try:
        until(answers)
        yield started
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def olga(front: Front, server: Server) -> Generator[httpx.Client]:
    key = {"Authorization": f"Bearer {server.tokens['olga']}"}
    with httpx.Client(
        base_url=front.url, verify=front.trust(), headers=key, trust_env=False, timeout=PATIENCE
    ) as it:
        yield it


def test_packages_go_in_and_come_out_as_they_are(olga: httpx.Client, server: Server) -> None:
    with server.client("olga") as direct:
        channel = direct.create_channel()
    sent = olga.post(
        f"/api/v1/upload/{channel}", content=BUILT.data, headers={"X-File-Name": BUILT.filename}
    )
    assert sent.status_code == 201, sent.text
    path = f"/{channel}/noarch/{BUILT.filename}"
    whole = olga.get(path)
    assert (whole.content, whole.headers["etag"]) == (BUILT.data, f'"{BUILT.sha256}"')
    part = olga.get(path, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, BUILT.data[10:20])
    assert olga.get(path, headers={"If-None-Match": whole.headers["etag"]}).status_code == 304
    document = olga.get(f"/{channel}/noarch/repodata.json", headers={"Accept-Encoding": "gzip, br"})
    assert "content-encoding" not in document.headers


def test_the_client_comes_by_tls_under_the_name_it_used(front: Front, olga: httpx.Client) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
    answer = olga.post("/api/graphql", json={"query": "{instanceConfig {baseUrl}}"}, headers=forged)
    assert answer.json()["data"]["instanceConfig"]["baseUrl"] == front.url
    credentials = {"login": "olga", "password": PASSWORD}
    signed_in = olga.post("/api/auth/login", json=credentials, headers=forged)
    assert "; Secure" in signed_in.headers["set-cookie"]


def test_http_2_is_spoken(front: Front) -> None:
    ask = ("curl", "--silent", "--http2", "--cacert", front.certificate, "--write-out")
    told = ("%{http_version}", "--output", "/dev/null", "--noproxy", "*", f"{front.url}/healthz")
    assert subprocess.run((*ask, *told), capture_output=True, check=True).stdout == b"2"


def test_subscriptions_go_through(front: Front) -> None:
    async def talk() -> str:
        address = f"{front.url.replace('https', 'wss')}/api/graphql"
        async with connect(
            address,
            ssl=front.trust(),
            subprotocols=[Subprotocol("graphql-transport-ws")],
            proxy=None,
        ) as talking:
            await talking.send(json.dumps({"type": "connection_init"}))
            return json.loads(await talking.recv())["type"]

    assert asyncio.run(talk()) == "connection_ack"


def test_bodies_may_be_as_large_as_the_server_takes_them() -> None:
    most = Settings().max_upload_bytes // 1024**2 + 2
    assert f"client_max_body_size {most}m;" in (DEPLOY / "nginx.conf").read_text()
    assert f"max_size {most}MiB\n" in (DEPLOY / "Caddyfile").read_text()


def test_the_log_shows_no_secret(front: Front, olga: httpx.Client, server: Server) -> None:
    token = server.tokens["sam"]
    olga.get(f"/t/{token}/nowhere/noarch/repodata.json?token=gr-hush")
    until(lambda: front.log.exists() and "nowhere/noarch" in front.log.read_text())
    log = front.log.read_text()
    assert token not in log
    assert server.tokens["olga"] not in log
    assert "hush" not in log
