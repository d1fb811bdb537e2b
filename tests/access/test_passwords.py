"""Passwords: argon2id, at a price low enough for tests."""

from dataclasses import replace

import pytest
from argon2 import extract_parameters
from argon2.exceptions import HashingError
from argon2.low_level import Type

from graphrepo.access.passwords import (
    MAX_LENGTH,
    STANDARD,
    Hasher,
    check_password_strength,
    hash_password,
    needs_rehash,
    verify_password,
)
from graphrepo.errors import InvalidInputError

CHEAP = Hasher(passes=1, memory=8, lanes=1)
SECRET = "correct horse"


def test_the_right_password_verifies_and_no_other() -> None:
    stored = hash_password(SECRET, CHEAP)
    assert verify_password(stored, SECRET, CHEAP)
    assert not verify_password(stored, SECRET + " ", CHEAP)
    assert not verify_password(stored, "", CHEAP)


def test_the_same_password_never_hashes_alike() -> None:
    assert hash_password(SECRET, CHEAP) != hash_password(SECRET, CHEAP)


def test_the_standard_is_argon2id_at_the_price_of_rfc_9106() -> None:
    parameters = extract_parameters(hash_password(SECRET))
    assert parameters.type is Type.ID
    assert (parameters.time_cost, parameters.memory_cost, parameters.parallelism) == (3, 65536, 4)
    assert parameters.salt_len >= 16


def test_an_unknown_user_never_verifies() -> None:
    assert not verify_password(None, SECRET, CHEAP)


def test_an_unknown_user_costs_a_whole_hash() -> None:
    """The price is really asked for: argon2 refuses an impossible one."""
    impossible = replace(CHEAP, memory=1)
    with pytest.raises(HashingError, match="Memory cost is too small"):
        verify_password(None, SECRET, impossible)


@pytest.mark.parametrize("stored", ["", "!", "$argon2id$broken", "plain text"])
def test_what_is_no_hash_verifies_nothing(stored: str) -> None:
    assert not verify_password(stored, SECRET, CHEAP)


def test_a_password_that_nobody_can_have_set_is_wrong() -> None:
    endless = "x" * (MAX_LENGTH + 1)
    assert not verify_password(hash_password(endless, CHEAP), endless, CHEAP)


def test_a_new_price_asks_for_a_rehash() -> None:
    stored = hash_password(SECRET, CHEAP)
    assert not needs_rehash(stored, CHEAP)
    assert needs_rehash(stored, STANDARD)


def test_one_password_typed_on_two_keyboards_is_the_same() -> None:
    composed, decomposed = "caf\u00e9 au lait", "cafe\u0301 au lait"
    assert verify_password(hash_password(composed, CHEAP), decomposed, CHEAP)


def test_a_lone_surrogate_is_a_character_like_any_other() -> None:
    assert verify_password(hash_password("\ud800" * 8, CHEAP), "\ud800" * 8, CHEAP)


@pytest.mark.parametrize("password", ["x" * 8, "x" * 1024, "ünïcödé1"])
def test_strong_enough(password: str) -> None:
    check_password_strength(password)


@pytest.mark.parametrize(
    ("password", "sentence"),
    [("x" * 7, "at least 8"), ("", "at least 8"), ("x" * 1025, "at most 1024")],
)
def test_too_short_or_too_long(password: str, sentence: str) -> None:
    with pytest.raises(InvalidInputError, match=sentence):
        check_password_strength(password)
