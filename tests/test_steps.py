"""A watch hears of every step of a change, in the order that makes crashes harmless."""

import asyncio
from pathlib import Path

from graphrepo.blobs.filesystem import FilesystemStore
from graphrepo.model.database import Database, rows
from graphrepo.steps import Step
from tests.databases import new_address


def test_bytes_take_their_steps_before_rows_take_theirs(tmp_path: Path) -> None:
    told: list[Step] = []
    store = FilesystemStore(tmp_path / "blobs", watch=told.append)
    database = Database(new_address(tmp_path), watch=told.append)
    database.open()
    store.put(b"package")
    asyncio.run(database.transact(rows, "DELETE FROM setting"))
    database.close()
    assert told == list(Step)
