"""A ``.conda`` made of a ``.tar.bz2``, in a process of its own.

The file is a stranger's: what it costs to unpack is bounded by the process itself (memory,
processor, disk) and here (time).
"""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

from graphrepo.errors import InvalidPackageError

_PROGRAM = Path(__file__).with_name("conversion_program.py")
_PATIENCE = 40 * 60.0  # seconds; the process bounds its own processor time below that
_TOLD = 4096  # bytes


async def convert(source: Path, folder: Path, *, patience: float = _PATIENCE) -> None:
    """Write the ``.conda`` of a ``.tar.bz2`` into the folder, in a bounded process.

    Raises:
        InvalidPackageError: it cannot be converted, or takes longer than ``patience`` seconds.
    """
    # -P: the folder of the program must not be searched for modules.
    command = (sys.executable, "-P", str(_PROGRAM), str(source), str(folder))
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
    )
    try:
        async with asyncio.timeout(patience):
            told = await process.stdout.read(_TOLD) if process.stdout else b""
            status = await process.wait()
    except TimeoutError as error:
        message = f"{source.name} took over {patience:.0f} s to convert to .conda; it has no twin."
        raise InvalidPackageError(message) from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if status:
        reason = told.decode(errors="replace") or f"its converter ended with status {status}"
        raise InvalidPackageError(f"{source.name} cannot be converted to .conda: {reason}.")
