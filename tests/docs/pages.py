"""The pages of the documentation, and the parts of them that can be compared with the program."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
)


def page(name: str) -> str:
    """Return a page by its name below ``docs``."""
    return (ROOT / "docs" / name).read_text()


def cells(text: str, heading: str) -> list[list[str]]:
    """Return the rows of the table with this first line, without its head; it stands once."""
    _, _, table = text.partition(f"| {heading} |\n")
    assert table, heading
    lines = table[: table.index("\n\n")].splitlines()
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines[1:]]


def code(text: str) -> list[str]:
    """Return what stands between single backquotes."""
    return re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)


def fenced(text: str, mark: str) -> list[str]:
    """Return the blocks that open with three backquotes and the mark."""
    return re.findall(rf"^```{mark}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
