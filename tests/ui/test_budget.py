"""What the web application weighs, and whether its colours can be read."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from graphrepo.web.assets import load_assets
from tests.ui.conftest import OpenPage, Site
from tests.ui.looking import SCHEMES, settled

UI = Path(__file__).parents[2] / "graphrepo" / "ui"
STATIC = UI / "static"
KILOBYTE = 1000

needs_vendor = pytest.mark.skipif(
    not (UI / "vendor").exists(), reason="vendor/ is empty: run pip install ."
)


def weights() -> dict[str, int]:
    """Return the bytes that go over the wire, for each file but the explorer's."""
    assets = load_assets()
    files = {
        name: asset
        for name, asset in assets.files.items()
        if name == "vendor/preact.js"
        or (name.startswith("static/") and "/graphiql" not in name and not name.endswith(".svg"))
    }
    return {
        name: len(asset.gzipped or asset.body)
        for name, asset in {**files, "shell": assets.shell}.items()
    }


@needs_vendor
def test_everything_but_the_explorer_is_light() -> None:
    assert sum(weights().values()) <= 90 * KILOBYTE


def test_each_page_is_light() -> None:
    pages = {name: size for name, size in weights().items() if name.startswith("static/pages/")}
    assert max(pages.values()) <= 8 * KILOBYTE


LOADED = """() => {
    const [page] = performance.getEntriesByType("navigation");
    const files = [page, ...performance.getEntriesByType("resource")];
    return [files.length, files.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)];
}"""


@pytest.mark.parametrize(
    ("address", "most", "kilobytes"),
    [("/", 13, 45), ("/channels/{long}", 13, 45), ("/channels/{open}/packages/arrow", 16, 50)],
)
def test_the_first_load_is_small_and_no_view_is_crowded(
    open_page: OpenPage, site: Site, address: str, most: int, kilobytes: int
) -> None:
    page = open_page(address.format(open=site.open, long=site.long), is_fresh=True)
    settled(page)
    expect(page.get_by_text(re.compile(r"^graphrepo \d"))).to_be_visible()
    requests, sent = page.evaluate(LOADED)
    assert requests <= most
    assert 0 < sent <= kilobytes * KILOBYTE
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


def palette(scheme: str) -> dict[str, str]:
    """Return the colours of a scheme by their names."""
    pairs = re.findall(
        r"--([a-z-]+): light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\)", (STATIC / "app.css").read_text()
    )
    return {name: light if scheme == "light" else dark for name, light, dark in pairs}


TEXTS = [
    *((ink, ground) for ink in ("ink", "muted") for ground in ("bg", "surface", "sunken")),
    *(("accent", ground) for ground in ("bg", "surface", "sunken", "accent-soft")),
    *((voice, f"{voice}-soft") for voice in ("plum", "ok", "warn", "bad")),
    *((voice, ground) for voice in ("plum", "ok", "warn", "bad") for ground in ("bg", "surface")),
    ("accent-ink", "accent"),
    ("bad-ink", "bad"),
]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXTS)
def test_text_can_be_read(scheme: str, ink: str, ground: str) -> None:
    colours = palette(scheme)
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_edges_of_controls_can_be_seen(scheme: str) -> None:
    colours = palette(scheme)
    assert min(contrast(colours["edge"], colours[ground]) for ground in ("bg", "surface")) >= 3
