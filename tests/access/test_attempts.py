"""Budgets of guesses: spent, refilled with time, given back."""

import pytest

from graphrepo.access.attempts import Budget, origin

NOW = 1_000_000
SIX_A_MINUTE = Budget(6, 60_000)


def spend(full_at: int, times: int, now: int = NOW) -> int:
    for _ in range(times):
        full_at, wait = SIX_A_MINUTE.spend(full_at, now)
        assert wait == 0
    return full_at


def test_what_is_spent_comes_back_step_by_step() -> None:
    full_at = spend(0, 6)
    assert SIX_A_MINUTE.spend(full_at, NOW) == (full_at, 10_000)
    assert SIX_A_MINUTE.spend(full_at, NOW + 9_000) == (full_at, 1_000)
    later = spend(full_at, 1, NOW + 10_000)
    assert SIX_A_MINUTE.spend(later, NOW + 10_000)[1] == 10_000


def test_after_the_span_all_of_it_is_back() -> None:
    full_at = spend(spend(0, 6), 6, NOW + 60_000)
    assert SIX_A_MINUTE.spend(full_at, NOW + 60_000)[1] == 10_000


def test_what_was_no_failure_is_given_back() -> None:
    full_at = SIX_A_MINUTE.refund(spend(0, 6))
    assert SIX_A_MINUTE.spend(full_at, NOW)[1] == 0


def test_a_clock_that_is_set_back_shuts_nobody_out() -> None:
    spent = spend(0, 6)
    long_ago = NOW - 10**9
    full_at, wait = SIX_A_MINUTE.spend(spent, long_ago)
    assert (full_at, wait) == (long_ago + 60_000, 10_000)
    assert SIX_A_MINUTE.spend(full_at, long_ago + 10_000)[1] == 0


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:0:1:aaaa::1", "2001:db8:0:1::/64"),
        ("2001:db8:0:1:bbbb::2", "2001:db8:0:1::/64"),
        ("", ""),
        ("unix:" + "x" * 100, "unix:" + "x" * 59),
    ],
)
def test_a_client_is_its_address_or_its_whole_network(address: str, place: str) -> None:
    assert origin(address) == place
