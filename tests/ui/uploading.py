"""What the tests of the upload page do again and again."""

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.builders import Built
from tests.ui.conftest import OpenPage


def desk(open_page: OpenPage, channel: str, login: str = "olga", *, is_fresh: bool = False) -> Page:
    page = open_page(f"/channels/{channel}/upload", login=login, is_fresh=is_fresh)
    expect(page.get_by_role("button", name="Choose files")).to_be_visible()
    return page


def chosen(built: Built) -> FilePayload:
    return {"name": built.filename, "mimeType": "", "buffer": built.data}


def file(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "", "buffer": data}


def choose(page: Page, *files: FilePayload) -> None:
    page.get_by_label("Files").and_(page.locator("input")).set_input_files(list(files))


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("listitem").filter(has_text=name)


def summary(page: Page) -> Locator:
    return page.get_by_role("region", name="Files").get_by_role("heading")
