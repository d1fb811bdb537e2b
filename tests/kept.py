"""Data directories made once in a test run, and copied for servers that want one of their own."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar, cast

from tests.databases import on_postgres

T = TypeVar("T")

DATABASE = "graphrepo.sqlite"


def filled(data: Path, make: Callable[[Path], T]) -> T:
    """Fill a fresh directory as ``make`` does, and return what it returns.

    ``make`` is named by itself, writes no blobs, and says the same of every directory.
    """
    if on_postgres():  # has templates of its own, and its rows are elsewhere
        return make(data)
    database, said = _kept(make)
    data.mkdir(parents=True, exist_ok=True)
    (data / DATABASE).write_bytes(database)
    return cast("T", said)


@cache
def _kept(make: Callable[[Path], object]) -> tuple[bytes, object]:
    with TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        said = make(data)
        return (data / DATABASE).read_bytes(), said
