"""What the web application weighs, and whether its colours can be read."""

import gzip
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import OpenPage, Site
from tests.ui.looking import settled

UI = Path(__file__).parents[2] / "graphrepo" / "ui"
STATIC = UI / "static"
LIBRARIES = [
    UI / "vendor" / f"{name}.js" for name in "preact hooks signals signals-core htm".split()
]
OURS = [
    path
    for path in STATIC.rglob("*")
    if path.is_file() and not path.name.startswith("graphiql") and path.suffix != ".svg"
]
KILOBYTE = 1000

needs_vendor = pytest.mark.skipif(
    not (UI / "vendor").exists(), reason="vendor/ is empty: run pip install ."
)


def weight(*paths: Path) -> int:
    """Return the bytes that go over the wire."""
    return sum(len(gzip.compress(path.read_bytes(), 6)) for path in paths)


@needs_vendor
def test_everything_but_the_explorer_is_light() -> None:
    assert weight(*OURS, *LIBRARIES) <= 90 * KILOBYTE


@pytest.mark.parametrize("path", sorted((STATIC / "pages").iterdir()), ids=lambda path: path.stem)
def test_a_page_is_light(path: Path) -> None:
    assert weight(path) <= 8 * KILOBYTE


@pytest.mark.parametrize("address", ["/", "/channels/{long}", "/channels/{open}/packages/arrow"])
def test_the_first_load_is_small_and_no_view_is_crowded(
    open_page: OpenPage, site: Site, address: str
) -> None:
    page = open_page(address.format(open=site.open, long=site.long))
    settled(page)
    expect(page.get_by_text(re.compile(r"^graphrepo \d"))).to_be_visible()
    sent = page.evaluate(
        """() => performance.getEntriesByType("resource")
            .filter(({ name }) => name.includes("/ui/"))
            .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)"""
    )
    assert 0 < sent <= 45 * KILOBYTE
    assert page.evaluate("() => document.querySelectorAll('*').length") <= 1500


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rgb`` or ``#rrggbb`` (WCAG 2.2)."""
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    dark, light = sorted(map(luminance, (first, second)))
    return (light + 0.05) / (dark + 0.05)


def palettes() -> list[dict[str, str]]:
    """Return the tokens of each block that defines colours: light, and dark in both of its ways."""
    text = (STATIC / "tokens.css").read_text()
    blocks = re.findall(r"\{([^{}]*--bg:[^{}]*)\}", text)
    return [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+)", block)) for block in blocks]


TEXTS = [
    *((ink, ground) for ink in ("ink", "muted") for ground in ("bg", "surface", "sunken")),
    *(("accent", ground) for ground in ("bg", "surface", "sunken", "accent-soft")),
    *((voice, f"{voice}-soft") for voice in ("plum", "ok", "warn", "bad")),
    *((voice, ground) for voice in ("plum", "ok", "warn", "bad") for ground in ("bg", "surface")),
    ("accent-ink", "accent"),
    ("bad-ink", "bad"),
]


def test_the_dark_colours_are_the_same_however_they_are_asked_for() -> None:
    _, chosen, system = palettes()
    assert chosen == system


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXTS)
def test_text_can_be_read(scheme: int, ink: str, ground: str) -> None:
    palette = palettes()[scheme]
    assert contrast(palette[ink], palette[ground]) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_the_edges_of_controls_can_be_seen(scheme: int) -> None:
    palette = palettes()[scheme]
    assert min(contrast(palette["edge"], palette[ground]) for ground in ("bg", "surface")) >= 3
