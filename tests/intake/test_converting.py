"""A package converted in a process of its own."""

import asyncio
from pathlib import Path

import psutil
import pytest

from graphrepo.errors import InvalidPackageError
from graphrepo.intake.converting import convert
from tests.builders import package
from tests.waiting import until

TAR = package("zlib", extension="tar.bz2")


def test_a_conda_of_the_same_name_is_written(tmp_path: Path) -> None:
    source = tmp_path / TAR.filename
    source.write_bytes(TAR.data)
    asyncio.run(convert(source, tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["zlib-1.0-0.conda", TAR.filename]


def test_what_is_no_archive_is_told_in_one_line(tmp_path: Path) -> None:
    source = tmp_path / TAR.filename
    source.write_bytes(b"no archive")
    with pytest.raises(InvalidPackageError) as caught:
        asyncio.run(convert(source, tmp_path))
    assert caught.value.message.startswith(f"{TAR.filename} cannot be converted to .conda: ")
    assert "\n" not in caught.value.message
    assert [path.name for path in tmp_path.iterdir()] == [TAR.filename]


def test_a_conversion_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    source = tmp_path / TAR.filename
    source.write_bytes(TAR.data)
    with pytest.raises(InvalidPackageError, match="took over 0 s"):
        asyncio.run(convert(source, tmp_path, patience=0.01))
    assert not children()


def test_a_conversion_ends_with_whoever_waits_for_it(tmp_path: Path) -> None:
    source = tmp_path / TAR.filename
    source.write_bytes(TAR.data)

    async def give_up() -> None:
        converting = asyncio.create_task(convert(source, tmp_path))
        await asyncio.to_thread(until, children)
        converting.cancel()
        await asyncio.wait([converting])

    asyncio.run(give_up())
    assert not children()


def children() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children()
        if child.status() != psutil.STATUS_ZOMBIE
        and "conversion_program.py" in str(child.cmdline())
    ]
