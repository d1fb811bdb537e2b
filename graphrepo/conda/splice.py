"""A document of a subdir made of its predecessor: what did not change is copied, never read.

A document is maps of members, ``"<file name>":{...}``, sorted by key, with little else between
them. Given its predecessor and the members that changed since, a map is copied block by block;
only in a block where a change falls are the members told apart. So it costs what copying costs.

Members are told apart without parsing them. ``},"zlib-1.3-0.conda":{`` stands between two
members and nowhere else: inside a string each quote has a backslash before it, and no key inside
a record holds two hyphens and an object. The same holds for the words between two maps.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

_END: Final = b"\0"  # stands in no JSON text; we set it behind the last byte
_BETWEEN: Final = re.compile(rb'\},"([^"\\]+-[^"\\]+-[^"\\]+)":\{')


class NotSplicedError(Exception):
    """The predecessor does not look like one; render the document from all its records."""


class Change(NamedTuple):
    """A member that changed: its key, and its value from now on, or none if it is gone."""

    key: bytes
    value: bytes | None


class Borders(NamedTuple):
    """The bytes around a map of the predecessor, the braces of the map included."""

    before: bytes
    after: bytes

    @classmethod
    def to_the_end(cls, before: bytes, after: bytes) -> "Borders":
        """Return the borders of a map behind which only ``after`` comes."""
        return cls(before, after + _END)


class Predecessor:
    """A document read once, from its beginning to its end, in constant memory."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        """Take its bytes in blocks of any size; the larger, the cheaper."""
        self._blocks = iter(blocks)
        self._held = b""
        self._is_over = False

    def updated(
        self, borders: Borders, changes: Sequence[Change], *, is_optional: bool = False
    ) -> Iterator[bytes]:
        """Yield the next map with its changes, which are sorted by key, each key once.

        A map that is optional and not there counts as empty.

        Raises:
            NotSplicedError: it is not there.
        """
        is_there = self._pass(borders.before)
        if not (is_there or is_optional):
            raise NotSplicedError
        opening = b"{"
        members = self._members(borders.after, changes) if is_there else _inserted(changes)
        for piece in filter(None, members):
            yield piece if opening == b"" else opening + piece[1:]
            opening = b""
        yield opening + b"}"

    def rest(self) -> None:
        """Read what is left, for whoever gives the blocks and has something to say at the end."""
        for _ in self._blocks:
            pass

    def _members(self, after: bytes, changes: Sequence[Change]) -> Iterator[bytes]:
        """Yield runs of whole members, each member with a comma before it."""
        if not self._starts(after):
            self._held = b"," + self._held
        done = 0
        is_last = False
        while not is_last:
            run, following = self._run(after)
            is_last = following is None
            due = len(changes) if following is None else _place(changes, following)
            yield from _merged(run, changes[done:due])
            done = due

    def _run(self, after: bytes) -> tuple[bytes, bytes | None]:
        """Take as many whole members as are held, and name the one behind them, if any."""
        while True:
            cut, following = self._held.find(after), None
            if cut < 0:
                cut, following = self._last_member()
            if cut >= 0:
                run, self._held = self._held[:cut], self._held[cut:]
                return run, following
            if not self._more():
                raise NotSplicedError

    def _last_member(self) -> tuple[int, bytes]:
        """Return where the last member begins whose key is held whole, and its key."""
        end = len(self._held)
        while (at := self._held.rfind(b'},"', 0, end)) >= 0:
            if found := _BETWEEN.match(self._held, at):
                return at + 1, found[1]
            end = at + 2
        return -1, b""

    def _pass(self, words: bytes) -> bool:
        """Go on to behind these words, or to the end if they do not come."""
        while (at := self._held.find(words)) < 0:
            self._held = self._held[-len(words) :]
            if not self._more():
                return False
        self._held = self._held[at + len(words) :]
        return True

    def _starts(self, words: bytes) -> bool:
        while len(self._held) < len(words) and self._more():
            pass
        return self._held.startswith(words)

    def _more(self) -> bool:
        if self._is_over:
            return False
        block = next(self._blocks, b"")
        self._is_over = not block
        self._held += block or _END
        return True


def _merged(run: bytes, changes: Sequence[Change]) -> Iterator[bytes]:
    """Yield a run of members with the changes that fall into it."""
    if not changes:
        yield run
        return
    found = list(_BETWEEN.finditer(b"}" + run))
    keys = [match[1] for match in found]
    starts = [match.start() for match in found] + [len(run)]
    copied = 0
    for change in changes:
        place = bisect_left(keys, change.key)
        yield run[copied : starts[place]]
        yield from _inserted([change])
        is_replaced = place < len(keys) and keys[place] == change.key
        copied = starts[place + is_replaced]
    yield run[copied:]


def _place(changes: Sequence[Change], key: bytes) -> int:
    return bisect_left(changes, key, key=lambda change: change.key)


def _inserted(changes: Iterable[Change]) -> Iterator[bytes]:
    return (b',"%b":%b' % (key, value) for key, value in changes if value is not None)
