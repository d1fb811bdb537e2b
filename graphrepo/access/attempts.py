"""How often somebody may guess a password: a budget that refills with time, as one number.

The number is the moment at which the budget is full again (the "generic cell rate algorithm").
Each failure moves it one step into the future; when it would lie further ahead than the span,
there is nothing left, and the answer is for how long. So nobody is ever shut out for good, and
what is past can be forgotten.
"""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

_LONGEST: Final = 64  # characters of an address that is none
_NETWORK: Final = 64  # bits: what one IPv6 connection is given (RFC 6177)


@dataclass(frozen=True, slots=True)
class AttemptLimits:
    """How many failures are let through in a span of time, and then one for each that expires."""

    per_account: int = 10
    per_address: int = 50
    seconds: int = 900


@dataclass(frozen=True, slots=True)
class Budget:
    """So many attempts in so many milliseconds."""

    attempts: int
    span: int

    def spend(self, full_at: int, now: int) -> tuple[int, int]:
        """Return when the budget is full again, and how long to wait for an attempt.

        Where there is something to wait for, nothing was spent.
        """
        full_at = min(max(full_at, now), now + self.span)
        wait = full_at + self._step - now - self.span
        return (full_at, wait) if wait > 0 else (full_at + self._step, 0)

    def refund(self, full_at: int) -> int:
        """Return when the budget is full again if an attempt was no failure after all."""
        return full_at - self._step

    @property
    def _step(self) -> int:
        return max(self.span // self.attempts, 1)


def origin(address: str) -> str:
    """Return what stands for a client: its address, or its IPv6 network, which is all its own."""
    try:
        known = ip_address(address)
    except ValueError:
        return address[:_LONGEST]
    if not isinstance(known, IPv6Address):
        return str(known)
    return str(known.ipv4_mapped or ip_network((known, _NETWORK), strict=False))
