"""The rows of one moment, in a file of their own: SQLite's way to copy a database in use."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from graphrepo.errors import UnavailableError

_PAGES = 4096  # copied at a time; writers get their turn in between


def copy_database(source: Path, target: Path) -> None:
    """Copy a SQLite database, which may be in use, and put the copy in place whole.

    ``target`` is replaced only by a complete and durable copy of one moment.

    Raises:
        UnavailableError: The source is no database, or the target cannot be written.
    """
    partial = target.with_name(f"{target.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        with closing(_reading(source)) as reader, closing(sqlite3.connect(partial)) as writer:
            reader.backup(writer, pages=_PAGES)
            writer.execute("PRAGMA journal_mode = DELETE")  # one file, without a -wal beside it
        _sync(partial)
        partial.replace(target)
        _sync(target.parent)
    except (OSError, sqlite3.Error) as error:
        sentence = f"The database {source} cannot be copied to {target}: {error}."
        raise UnavailableError(sentence) from error


def rows_in(database: Path, sql: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a SELECT over a SQLite database that the entities are not bound to.

    Raises:
        UnavailableError: It is no database, or has no such tables.
    """
    try:
        with closing(_reading(database)) as reader:
            yield from reader.execute(sql)
    except sqlite3.Error as error:
        raise UnavailableError(f"The database {database} cannot be read: {error}.") from error


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
