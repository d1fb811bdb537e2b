"""The program that turns one ``.tar.bz2`` into a ``.conda``, in a process of its own.

It reads what strangers made, so it bounds itself before it begins: memory, processor time and
the size of each file it writes. It ends when its parent does, and says in one line what went
wrong. It imports nothing of this package: it is started by its path.

    python -P conversion_program.py SOURCE FOLDER
"""

import os
import resource
import sys
import tempfile
from threading import Thread

_MEMORY = 2 * 1024**3  # bytes of address space
_PROCESSOR = 30 * 60  # seconds
_FILE = 16 * 1024**3  # bytes: unpacked data waits in files
_LEVEL = 16  # of zstd: beyond it packages take several times as long and shrink little
_TOLD = 500  # characters


def main(source: str, folder: str) -> int:
    """Write the ``.conda`` of ``source`` into ``folder``; return the exit status."""
    Thread(target=_end_with_parent, daemon=True).start()
    os.nice(10)  # requests go first
    for kind, amount in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _PROCESSOR),
        (resource.RLIMIT_FSIZE, _FILE),
    ):
        _bound(kind, amount)
    tempfile.tempdir = folder
    try:
        # Behind the bounds: it is much code, and it may be what strangers attack.
        from conda_package_handling.api import transmute  # noqa: PLC0415

        failed = transmute(source, ".conda", folder, 1, zstd_compress_level=_LEVEL)
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent tells it
        failed = {source: f"{type(error).__name__}: {error}"}
    for reason in failed.values():
        sys.stdout.write(" ".join(str(reason).split())[:_TOLD])
    return 1 if failed else 0


def _end_with_parent() -> None:
    os.read(0, 1)  # returns when the parent closes its side, or dies
    os._exit(1)


def _bound(kind: int, amount: int) -> None:
    _, hard = resource.getrlimit(kind)
    allowed = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
    resource.setrlimit(kind, (allowed, hard))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
