"""Login names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrepo.access.logins import check_login
from graphrepo.access.viewer import ANONYMOUS, SYSTEM
from graphrepo.errors import InvalidInputError

EDGE = "abcdefghijklmnopqrstuvwxyz0123456789"


@pytest.mark.parametrize("login", ["a", "7", "alice", "a.b-c_d", "a--b", "x" * 40])
def test_a_login(login: str) -> None:
    assert check_login(login) == login


@pytest.mark.parametrize(
    "login",
    ["", "Alice", "-a", "a-", ".a", "a.", "_", "a b", "a/b", "a\n", "é", "\u212aelvin", "x" * 41],
)
def test_not_a_login(login: str) -> None:
    with pytest.raises(InvalidInputError, match="1 to 40 lower-case"):
        check_login(login)


@pytest.mark.parametrize("name", [ANONYMOUS.login, SYSTEM.login])
def test_no_account_can_pass_for_a_built_in_viewer(name: str) -> None:
    with pytest.raises(InvalidInputError):
        check_login(name)


@given(
    st.text(EDGE, min_size=1, max_size=1),
    st.text(EDGE + "._-", max_size=38),
    st.text(EDGE, max_size=1),
)
def test_the_grammar(first: str, middle: str, last: str) -> None:
    login = first + (middle + last if last else "")
    assert check_login(login) == login
