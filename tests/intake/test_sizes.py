"""Sizes as people write and read them."""

import pytest

from graphrepo.errors import InvalidInputError
from graphrepo.intake.sizes import parse_size, size_text


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1048576", 1048576),
        ("500MB", 500_000_000),
        ("2 GiB", 2 * 1024**3),
        (" 1kib ", 1024),
        ("3b", 3),
        ("1TB", 10**12),
    ],
)
def test_a_size_has_a_number_and_perhaps_a_unit(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "GiB", "1.5GiB", "-1", "1 parsec", "1e9", "\u0661"])
def test_anything_else_is_no_size(text: str) -> None:
    with pytest.raises(InvalidInputError, match="is no size"):
        parse_size(text)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1 KiB"),
        (1024**3, "1 GiB"),
        (1600, "1.562 KiB"),
    ],
)
def test_a_size_is_shown_in_its_largest_unit(size: int, text: str) -> None:
    assert size_text(size) == text
