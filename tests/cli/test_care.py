"""``graphrepo verify``, ``gc``, ``backup`` and ``restore``, beside a running server."""

from pathlib import Path

import pytest

from tests.builders import package
from tests.cli.calls import called
from tests.databases import on_postgres
from tests.processes import on_a_terminal, run, serving
from tests.registry.damage import blob_file, change_rows, spoil
from tests.site import new_site

ZLIB = package("zlib")

of_sqlite = pytest.mark.skipif(on_postgres(), reason="rows in a PostgreSQL are saved by its tools")


def blob_of(data: Path) -> str:
    (file,) = (file for file in data.glob("blobs/blobs/*/*") if file.read_bytes() == ZLIB.data)
    return file.name


@of_sqlite
def test_an_installation_is_saved_damaged_repaired_and_brought_back(tmp_path: Path) -> None:
    backup, data = str(tmp_path / "backup"), tmp_path / "data"
    with new_site(data) as site:
        here = ("--data", str(site.data))
        site.publish("open", ZLIB)
        screen = on_a_terminal("verify", "--jobs", "2", *here, typed=())
        assert "reading" in screen, "the bar"
        assert "Verified 1 blobs and 7 documents: no fault." in screen

        status, text = called("backup", backup, *here)
        assert (status, text.splitlines()[1]) == (0, f"{backup} is a whole backup.")

        spoil(site.data, blob_of(site.data))
        status, text = called("verify", *here)
        assert status == 1
        assert "open/noarch/zlib-1.0-0.conda: its bytes are not those that were stored" in text
        status, text = called("verify", "--repair", "--backup", backup, *here)
        assert status == 0
        assert text.endswith("no fault left, 1 repaired.\n")

        assert called("gc", *here) == (
            0,
            "Would delete 0 blobs of 0 bytes and 0 broken-off uploads; --delete does it.\n",
        )
        assert called("gc", "--delete", *here)[1].startswith("Deleted 0 blobs")
    there = ("--data", str(tmp_path / "again"))
    assert called("restore", backup, *there)[0] == 0
    assert called("verify", *there)[0] == 0
    with serving(tmp_path / "again"):
        pass


@of_sqlite
def test_a_backup_of_a_damaged_installation_tells_what_it_lacks(tmp_path: Path) -> None:
    with new_site(tmp_path / "data") as site:
        site.publish("open", ZLIB)
        blob_file(site.data, blob_of(site.data)).unlink()
        status, text = called("backup", str(tmp_path / "backup"), "--data", str(site.data))
    assert status == 1
    assert "is missing or damaged and was not copied" in text
    change_rows(tmp_path / "backup", "DELETE FROM artifact_info")
    assert called("verify", "--repair", "--data", str(tmp_path / "backup"))[0] == 1


def test_bytes_for_repairs_are_for_repairs(tmp_path: Path) -> None:
    status, text = called("verify", "--backup", str(tmp_path))
    assert status == 2
    assert "give both or neither" in text


def test_rows_in_a_postgresql_are_saved_by_its_own_tools(tmp_path: Path) -> None:
    elsewhere = {"GRAPHREPO_DATABASE": "postgresql://nobody@127.0.0.1:1/nothing"}
    saved = run("backup", tmp_path / "backup", "--data", tmp_path, env=elsewhere)
    assert saved.status == 1
    assert "pg_dump" in saved.err
