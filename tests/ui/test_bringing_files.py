"""Files come to the upload page by hand: dropped, pasted, or as a folder."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.builders import package
from tests.ui.conftest import OpenPage, Site
from tests.ui.uploading import desk, row, summary

PASTE = """(transfer) => document.body.dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true }))"""


@pytest.fixture
def channel(site: Site) -> str:
    """Create an empty private channel."""
    return site.owner.create_channel(is_public=False)


def test_files_can_be_dropped_anywhere_on_the_page_and_pasted(
    open_page: OpenPage, channel: str
) -> None:
    page = desk(open_page, channel)
    content = list(package("zlib").data)
    transfer = page.evaluate_handle(
        """(bytes) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(bytes)], "zlib-1.0-0.conda"));
          return transfer;
        }""",
        content,
    )
    page.dispatch_event("h1", "dragenter", {"dataTransfer": transfer})
    expect(page.get_by_text("Let go to upload")).to_be_visible()
    page.dispatch_event("h1", "drop", {"dataTransfer": transfer})
    expect(row(page, "zlib")).to_contain_text("In the channel")
    expect(page.get_by_text("Drop packages anywhere")).to_be_visible()
    page.get_by_role("button", name="Clear the list").click()
    page.evaluate(PASTE, transfer)
    expect(row(page, "zlib")).to_contain_text("Already there")


def test_of_a_folder_the_packages_are_taken(
    open_page: OpenPage, channel: str, tmp_path: Path
) -> None:
    for built in (package("one"), package("two", subdir="linux-64", extension="tar.bz2")):
        folder = tmp_path / "output" / built.subdir
        folder.mkdir(parents=True)
        (folder / built.filename).write_bytes(built.data)
    (tmp_path / "output" / "build.log").write_text("done")
    page = desk(open_page, channel)
    page.get_by_label("Folder").set_input_files(tmp_path / "output")
    expect(summary(page)).to_have_text("2 in the channel")
    expect(row(page, "two")).to_contain_text("linux-64")
    expect(page.get_by_text("1 other file of the folder is no package")).to_be_visible()


def test_a_folder_can_be_dropped(open_page: OpenPage, channel: str, tmp_path: Path) -> None:
    built = package("kite", subdir="linux-64")
    (tmp_path / "output" / "linux-64").mkdir(parents=True)
    (tmp_path / "output" / "linux-64" / built.filename).write_bytes(built.data)
    (tmp_path / "output" / "build.log").write_text("done")
    page = desk(open_page, channel)
    hand: Any = page.context.new_cdp_session(page)
    held_things = {"items": [], "files": [str(tmp_path / "output")], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        step = {"type": kind, "x": 400, "y": 300, "data": held_things}
        hand.send("Input.dispatchDragEvent", step)
    expect(row(page, "kite")).to_contain_text("In the channel")
    expect(page.get_by_text("1 other file of the folder is no package")).to_be_visible()
