"""The first frames of pages: what they say follows from the address alone, and is text."""

import re
from pathlib import Path

import pytest

from graphrepo.web.frames import NOTHING, frame_of

STATIC = Path(__file__).parents[2] / "graphrepo" / "ui" / "static"
PAGES = dict(
    re.findall(r'"(/[^"]*)": .*import\("\./pages/(\w+)\.js"\)', (STATIC / "app.js").read_text())
)
"""Address -> module, as the script has them."""


@pytest.mark.parametrize("template", PAGES)
def test_the_module_that_is_fetched_early_is_the_one_that_the_script_runs(template: str) -> None:
    for address in {template.replace("/:version?", ""), template.replace("?", "")}:
        path = re.sub(r":(\w+)", r"some-\1", address)
        assert frame_of(path, {}).module == PAGES[template]
        assert frame_of(f"{path}/", {}).module == PAGES[template]


def test_there_are_as_many_pages_as_the_script_has() -> None:
    assert len(PAGES) == (STATIC / "app.js").read_text().count('import("./pages/')
    assert {path.stem for path in (STATIC / "pages").iterdir()} == set(PAGES.values())


@pytest.mark.parametrize(
    "path", ["/nowhere", "/channels/a/b/c", "/channels/a/packages", "/admin/x"]
)
def test_an_address_that_is_no_page_has_no_frame(path: str) -> None:
    assert frame_of(path, {}) == NOTHING


@pytest.mark.parametrize(
    "path",
    [
        "/channels/{}",
        "/channels/{}/members",
        "/channels/a/packages/{}",
        "/channels/a/packages/b/{}",
    ],
)
def test_names_are_text(path: str) -> None:
    body = frame_of(path.format('"><img src=x>'), {}).body
    assert "<img" not in body
    assert "&gt;&lt;img src=x&gt;" in body


def test_the_search_that_an_address_asks_for_stands_in_the_box() -> None:
    assert ' value="zlib &quot;&gt;"' in frame_of("/search", {"q": 'zlib ">'}).body
