"""A real S3 server for the tests: one for all processes of a test run, stopped when the last ends.

Ceph's RGW where Debian's packages ``ceph-mon ceph-osd radosgw ceph-common`` are installed, else
moto. This file run as a program is its keeper.
"""

import shutil
import socket
import subprocess
import sys
import uuid
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import httpx
import obstore
from obstore.store import S3Store

from graphrepo.blobs.address import StoreAddress, parse_address
from tests.keeper import kept, leave_a_keeper
from tests.waiting import until

KEYS: Mapping[str, str] = {
    "AWS_ACCESS_KEY_ID": "testkey",
    "AWS_SECRET_ACCESS_KEY": "a secret of the tests",
    "AWS_REGION": "us-east-1",
}
BUCKET = "packages"
_PROGRAMS = ("ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool", "radosgw")


@dataclass(frozen=True)
class S3Server:
    """A running server with an empty bucket and whom it lets in."""

    endpoint: str
    guards: bool  # whether it looks at keys and signatures, which moto does not

    def url(self, bucket: str = BUCKET, **options: str) -> str:
        """Return a value for ``GRAPHREPO_STORE``, in a prefix of its own."""
        said = urlencode({"endpoint": self.endpoint} | options)
        return f"s3://{bucket}/{uuid.uuid4().hex}?{said}"

    def address(self, **said: str) -> StoreAddress:
        """Return the same as a value, with the keys that open it."""
        return replace(parse_address(self.url(**said)), secrets=KEYS)


@contextmanager
def shared_s3(folder: Path) -> Generator[S3Server]:
    """Use the server of a folder that all processes of a test run know; the first starts it."""
    with kept(folder, "tests.s3") as said:
        endpoint, kind = said.split()
        yield S3Server(endpoint, guards=kind == "rgw")


@contextmanager
def _serving(folder: Path) -> Generator[str]:
    kind = "rgw" if all(map(shutil.which, _PROGRAMS)) else "moto"
    port = _free_port()
    daemons: list[subprocess.Popen[bytes]] = []

    def run(*command: str | Path) -> None:
        daemons.append(subprocess.Popen(command))

    try:
        _STARTS[kind](folder, port, run)
        endpoint = f"http://127.0.0.1:{port}"
        _create_bucket(endpoint)
        yield f"{endpoint} {kind}"
    finally:
        for daemon in daemons:
            daemon.kill()
            daemon.wait()


def _create_bucket(endpoint: str) -> None:
    root = S3Store(
        BUCKET,
        endpoint=endpoint,
        access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        region=KEYS["AWS_REGION"],
        client_options={"allow_http": True},
    )
    signed = obstore.sign(root, "PUT", "", timedelta(minutes=1))
    httpx.put(signed, timeout=60, trust_env=False).raise_for_status()
    obstore.put(root, "first", b"")  # lets the server make what it makes for the first object


def _start_moto(_folder: Path, port: int, run: Callable[..., None]) -> None:
    run(sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port))
    until(lambda: _answers(port))


def _start_rgw(folder: Path, port: int, run: Callable[..., None]) -> None:
    """Start one monitor, one OSD in memory and one gateway, all on the loopback."""
    monitor, fsid = _free_port(), str(uuid.uuid4())
    for name in ("mon", "osd", "run"):
        (folder / name).mkdir()
    config, keyring, monmap = (folder / name for name in ("ceph.conf", "keyring", "monmap"))
    config.write_text(_CONFIG.format(folder=folder, port=port, monitor=monitor, fsid=fsid))
    _call("ceph-authtool", "-C", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
    for name, caps in _CAPS.items():
        allowed = (word for daemon, cap in caps.items() for word in ("--cap", daemon, cap))
        _call("ceph-authtool", keyring, "--gen-key", "-n", name, *allowed)
    _call(
        "monmaptool", "--create", "--fsid", fsid, "--addv", "a", f"v2:127.0.0.1:{monitor}", monmap
    )
    known = ("-c", config)
    _call("ceph-mon", *known, "-i", "a", "--mkfs", "--monmap", monmap, "--keyring", keyring)
    run("ceph-mon", *known, "-i", "a", "-f")
    osd = str(uuid.uuid4())
    _call("ceph", *known, "osd", "new", osd)
    _call("ceph-osd", *known, "-i", "0", "--mkfs", "--osd-uuid", osd)
    run("ceph-osd", *known, "-i", "0", "-f")
    run("radosgw", *known, "-n", "client.rgw", "-f")
    until(lambda: _answers(port))
    access = ("--access-key", KEYS["AWS_ACCESS_KEY_ID"])
    secret = ("--secret-key", KEYS["AWS_SECRET_ACCESS_KEY"])
    _call(
        "radosgw-admin", *known, "user", "create", "--uid=t", "--display-name=t", *access, *secret
    )


def _call(*command: str | Path) -> None:
    subprocess.run(command, check=True)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}", trust_env=False).is_success
    except httpx.HTTPError:
        return False


_STARTS = {"rgw": _start_rgw, "moto": _start_moto}
_CAPS: Mapping[str, Mapping[str, str]] = {
    "client.admin": {"mon": "allow *", "osd": "allow *", "mgr": "allow *"},
    "client.rgw": {"mon": "allow *", "osd": "allow *", "mgr": "allow *"},
    "osd.0": {"mon": "allow profile osd", "osd": "allow *"},
}
_CONFIG = """
[global]
fsid = {fsid}
mon host = v2:127.0.0.1:{monitor}/0
mon initial members = a
public network = 127.0.0.0/8
cluster network = 127.0.0.0/8
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 5000
run dir = {folder}/run
keyring = {folder}/keyring
admin socket = {folder}/run/$name.asok
log file = {folder}/$name.log
pid file = {folder}/run/$name.pid
[mon.a]
mon data = {folder}/mon
mon addr = 127.0.0.1:{monitor}
[osd]
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = 1073741824
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:{port} tcp_nodelay=1
rgw enable usage log = false
"""

if __name__ == "__main__":
    leave_a_keeper(Path(sys.argv[1]), _serving)
