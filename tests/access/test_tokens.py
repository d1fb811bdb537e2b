"""Tokens: their shape, their digest, and what is never looked up."""

import hashlib
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrepo.access.tokens import is_plausible, new_token, token_digest

BODIES = st.text(string.ascii_letters + string.digits, min_size=40, max_size=40)


def test_new_tokens_have_the_alphabet_conda_can_carry_and_never_repeat() -> None:
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(re.fullmatch("gr-[A-Za-z0-9]{40}", token) for token in tokens)
    assert all(map(is_plausible, tokens))
    assert set("".join(tokens)) == set(string.ascii_letters + string.digits + "-")


def test_the_digest_is_plain_sha256() -> None:
    assert token_digest("gr-abc") == hashlib.sha256(b"gr-abc").digest()


@given(BODIES)
def test_every_base62_body_is_plausible(body: str) -> None:
    assert is_plausible(f"gr-{body}")


@given(BODIES, st.integers(0, 42), st.characters())
def test_a_character_too_many_or_too_few_is_not(body: str, place: int, extra: str) -> None:
    token = f"gr-{body}"
    assert not is_plausible(token[:place] + extra + token[place:])
    assert not is_plausible(token[:place] + token[place + 1 :])


@given(st.text())
def test_anything_has_a_digest(text: str) -> None:
    assert len(token_digest(text)) == 32


@pytest.mark.parametrize(
    "garbage", ["", "gr-", "gr-" + "a" * 40 + "\n", "gr_" + "a" * 40, "gr-" + "é" * 40]
)
def test_garbage_is_not_plausible(garbage: str) -> None:
    assert not is_plausible(garbage)


def test_a_lone_surrogate_has_a_digest() -> None:
    assert len(token_digest("\ud800")) == 32
