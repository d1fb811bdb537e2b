"""The store on disk: its layout, its order of writes, and what kill -9 leaves behind."""

import re
import shutil
import signal
import stat
import subprocess
import sys
from collections import Counter
from contextlib import chdir
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graphrepo.blobs.digest import digests_of
from graphrepo.blobs.filesystem import FilesystemStore
from graphrepo.errors import UnavailableError
from tests.clocks import HandClock

PROJECT = Path(__file__).parents[2]
FAR_FUTURE = datetime(2100, 1, 1, tzinfo=UTC)
CONTENT = b"content of the upload"

# Commits CONTENT to the store in argv[1] and dies like a process that is killed, as soon as
# the audit events named after it have happened in this order.
UPLOAD = """
import os, signal, sys
from pathlib import Path
from graphrepo.blobs.filesystem import FilesystemStore

awaited = sys.argv[2:]

def watch(event, args):
    if awaited and event == awaited[0]:
        awaited.pop(0)
        if not awaited:
            os.kill(os.getpid(), signal.SIGKILL)

store = FilesystemStore(Path(sys.argv[1]))
with store.staging.open() as staged:
    staged.write(b"content of the upload")
    digests = staged.finish()
    sys.addaudithook(watch)
    store.commit(staged, digests)
"""

# Tries to take the other kind of lock at each step that needs the lock; prints the steps at
# which it could not, and fails where it could.
TRESPASS = """
import fcntl, os, sys
from pathlib import Path
from graphrepo.blobs.filesystem import FilesystemStore

root = Path(sys.argv[1])
held = {"os.link": fcntl.LOCK_EX, "os.utime": fcntl.LOCK_EX, "os.remove": fcntl.LOCK_SH}

def watch(event, args):
    # The target of a link is its second argument; a staged file is no concern of the lock.
    if event in held and str(args[event == "os.link"]).startswith(str(root / "blobs")):
        descriptor = os.open(root / "blobs", os.O_RDONLY)
        try:
            fcntl.flock(descriptor, held[event] | fcntl.LOCK_NB)
        except BlockingIOError:
            print(event)
        else:
            os._exit(1)
        finally:
            os.close(descriptor)

store = FilesystemStore(root)
sys.addaudithook(watch)
blake3 = store.put(b"bytes").blake3
store.put(b"bytes")
store.delete(blake3)
"""

# Commits bytes while another upload of them, a day older, slips in just before the link.
OVERTAKEN = """
import sys
from datetime import timedelta
from pathlib import Path
from graphrepo.blobs.filesystem import FilesystemStore
from tests.clocks import HandClock

root, clock = Path(sys.argv[1]), HandClock()
faster = FilesystemStore(root, HandClock(clock.now - timedelta(days=1)))
overtakes = [faster.put]

def watch(event, args):
    if event == "os.chmod" and overtakes:
        overtakes.pop()(b"bytes")

store = FilesystemStore(root, clock)
with store.staging.open() as staged:
    staged.write(b"bytes")
    digests = staged.finish()
    sys.addaudithook(watch)
    assert not store.commit(staged, digests), "it was there"
(entry,) = store.entries()
assert entry.modified == clock.now, "and counts as committed now"
assert not overtakes
"""


def run(
    script: str, *arguments: object, under: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    command = [*under, sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=False)


@pytest.fixture
def disk(root: Path, clock: HandClock) -> FilesystemStore:
    return FilesystemStore(root, clock)


def files(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


def test_the_layout(disk: FilesystemStore, root: Path) -> None:
    blake3 = disk.put(b"laid out").blake3
    assert files(root) == [root / "blobs" / blake3[:2] / blake3] == [Path(disk.path(blake3))]
    assert stat.S_IMODE(Path(disk.path(blake3)).stat().st_mode) == 0o444


def test_a_blob_has_a_descriptor_for_sendfile(disk: FilesystemStore) -> None:
    with disk.open(disk.put(b"bytes").blake3) as file:
        assert file.fileno() > 0


def test_what_is_no_blob_is_not_listed(disk: FilesystemStore, root: Path) -> None:
    blake3 = disk.put(b"bytes").blake3
    (root / "blobs" / "lost+found").mkdir()
    (root / "blobs" / "lost+found" / "#1234").write_bytes(b"")
    (root / "blobs" / ".DS_Store").write_bytes(b"")
    assert [entry.blake3 for entry in disk.entries()] == [blake3]


def test_a_blob_that_goes_while_listed_is_passed_over(disk: FilesystemStore) -> None:
    kept = [disk.put(bytes([number])).blake3 for number in range(256)]
    shelves = Counter(blake3[:2] for blake3 in kept)
    shelf, _ = shelves.most_common(1)[0]
    neighbours = {blake3 for blake3 in kept if blake3[:2] == shelf}
    assert len(neighbours) > 1
    listed: set[str] = set()
    for entry in disk.entries():
        listed.add(entry.blake3)
        if entry.blake3 in neighbours:
            for blake3 in neighbours - listed:
                disk.delete(blake3)
    assert len(neighbours & listed) == 1
    assert listed - neighbours == set(kept) - neighbours


def test_a_relative_root_stays_where_it_was(tmp_path: Path) -> None:
    with chdir(tmp_path):
        disk = FilesystemStore(Path("data"))
    blake3 = disk.put(b"bytes").blake3
    assert Path(disk.path(blake3)).read_bytes() == b"bytes"


def test_two_processes_share_a_store(disk: FilesystemStore, root: Path) -> None:
    assert run(UPLOAD, root).returncode == 0
    (entry,) = disk.entries()
    with disk.staging.open() as staged:
        staged.write(CONTENT)
        assert not disk.commit(staged, staged.finish())
    assert entry.size == len(CONTENT)


def test_a_store_that_cannot_be_used_says_so(disk: FilesystemStore, root: Path) -> None:
    root.mkdir()
    (root / "blobs").write_bytes(b"a file where a directory belongs")
    with pytest.raises(UnavailableError, match="storage cannot be used"):
        disk.put(b"bytes")
    with pytest.raises(UnavailableError):
        disk.open("0" * 64)
    assert list((root / "staging").iterdir()) == []


@pytest.mark.parametrize(
    ("events", "is_kept"),
    [
        (["os.chmod"], False),  # staged and hashed
        (["os.link"], False),  # synced, no name yet
        (["os.link", "open"], True),  # linked, the directory not synced
        (["os.remove"], True),  # durable, the staging name still there
    ],
)
def test_kill_9_leaves_the_whole_blob_or_none(
    disk: FilesystemStore, root: Path, events: list[str], *, is_kept: bool
) -> None:
    assert run(UPLOAD, root, *events).returncode == -signal.SIGKILL

    kept = list(disk.entries())
    assert len(kept) == is_kept
    for entry in kept:
        with disk.open(entry.blake3) as file:
            assert digests_of(file).blake3 == entry.blake3

    assert len(files(root / "staging")) == 1
    assert disk.staging.sweep(FAR_FUTURE) == 1
    assert list(disk.entries()) == kept

    with disk.staging.open() as staged:
        staged.write(CONTENT)
        digests = staged.finish()
        assert disk.commit(staged, digests) is not is_kept
    with disk.open(digests.blake3) as file:
        assert file.read() == CONTENT


def test_the_lock_is_held_at_each_step_that_needs_it(root: Path) -> None:
    child = run(TRESPASS, root)
    assert child.returncode == 0
    steps = child.stdout.split()
    assert set(steps) == {"os.link", "os.utime", "os.remove"}


def test_an_overtaken_upload_makes_the_blob_young(root: Path) -> None:
    assert run(OVERTAKEN, root).returncode == 0


def traced(root: Path, log: Path) -> list[str]:
    """Return the system calls of an upload that make names or make things durable."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    calls = "trace=fsync,fdatasync,link,linkat,rename,renameat,renameat2,unlink,unlinkat"
    strace = ("strace", "-f", "-y", "-s", "4096", "-o", str(log), "-e", calls)
    child = run(UPLOAD, root, under=strace)
    if child.returncode != 0:
        pytest.skip("this machine lets no process trace another")
    return [line for line in log.read_text().splitlines() if str(root) in line and "= 0" in line]


def test_the_order_of_writes_survives_a_loss_of_power(root: Path, tmp_path: Path) -> None:
    lines = traced(root, tmp_path / "log")
    steps = [
        re.sub(r"\d+ +(\w+?)(at)?\(.*", r"\1", line)
        + (" staging" if "/staging/" in line else "")
        + (" shelf" if re.search(r"/blobs/[0-9a-f]{2}>", line) else "")
        for line in lines
    ]
    assert steps[-4:] == ["fsync staging", "link staging", "fsync shelf", "unlink staging"]
    assert steps[:-4] == ["fsync"] * 2, "the new directories, each in its parent"
