"""Guesses at passwords, slowed down for each account and for each address.

    address     all failures from one address, whatever they are about
    stranger    failures for one account, from addresses that never got in to it
    friend      failures for one account, from one address that did get in

What strangers do to an account cannot keep its person out at the places where they sign in, and
never touches their sessions and keys. An account that does not exist is treated like any other.
All of it is in the memory of one process and bounded; what was not used for longest goes first.
"""

import math
from collections import OrderedDict
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Final, TypeVar

from graphrepo.access.attempts import AttemptLimits, Budget, origin
from graphrepo.access.logins import is_login
from graphrepo.clock import Clock, milliseconds
from graphrepo.errors import SetupClosedError, TooManyAttemptsError, WrongCredentialsError

Key = tuple[str, ...]
T = TypeVar("T")

MOST: Final = 20_000
"""Budgets that are remembered, and as many pairs of people and their addresses."""


class Attempts:
    """Counts failures; on the event loop alone."""

    def __init__(self, clock: Clock, limits: AttemptLimits | None = None, most: int = MOST) -> None:
        """Begin with nothing on anybody."""
        chosen = limits or AttemptLimits()
        span = chosen.seconds * 1000
        self._clock = clock
        self._most = most
        self._account = Budget(chosen.per_account, span)
        self._address = Budget(chosen.per_address, span)
        self._full_at: OrderedDict[Key, int] = OrderedDict()
        self._friends: OrderedDict[Key, None] = OrderedDict()

    @contextmanager
    def sign_in(self, login: str, address: str) -> Generator[None]:
        """Count what is done within, if it fails for wrong credentials.

        Raises:
            TooManyAttemptsError: there were too many failures; nothing is done.
        """
        place = origin(address)
        friend = (login, place)
        budgets: dict[Key, Budget] = {("address", place): self._address}
        if friend in self._friends:
            budgets["friend", *friend] = self._account
        elif is_login(login):  # nothing else can be anybody's, and it may be long
            budgets["stranger", login] = self._account
        with self._counted(budgets):
            yield
        self._remember(self._friends, friend, None)

    @contextmanager
    def set_up(self, address: str) -> Generator[None]:
        """Count guesses at the token of the first set-up.

        Raises:
            TooManyAttemptsError: there were too many.
        """
        with self._counted({("set-up", origin(address)): self._address}):
            yield

    @contextmanager
    def own_password(self, login: str) -> Generator[None]:
        """Count failures of somebody signed in to prove who they are once more.

        Raises:
            TooManyAttemptsError: there were too many.
        """
        with self._counted({("own", login): self._account}):
            yield

    @contextmanager
    def _counted(self, budgets: Mapping[Key, Budget]) -> Generator[None]:
        # Spent before the password is looked at: many guesses at once are not one guess.
        self._spend(budgets)
        try:
            yield
        except (WrongCredentialsError, SetupClosedError):
            raise
        except Exception:
            self._refund(budgets)
            raise
        self._refund(budgets)

    def _spend(self, budgets: Mapping[Key, Budget]) -> None:
        now = milliseconds(self._clock())
        spent = {
            key: budget.spend(self._full_at.get(key, now), now) for key, budget in budgets.items()
        }
        if wait := max(wait for _, wait in spent.values()):
            raise TooManyAttemptsError(math.ceil(wait / 1000))
        for key, (full_at, _) in spent.items():
            self._remember(self._full_at, key, full_at)

    def _refund(self, budgets: Mapping[Key, Budget]) -> None:
        for key, budget in budgets.items():
            if key in self._full_at:
                self._full_at[key] = budget.refund(self._full_at[key])

    def _remember(self, kept: OrderedDict[Key, T], key: Key, value: T) -> None:
        kept[key] = value
        kept.move_to_end(key)
        if len(kept) > self._most:
            kept.popitem(last=False)
