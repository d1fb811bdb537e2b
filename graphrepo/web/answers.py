"""What a page would ask first, answered along with it: no second journey, and rows to read at once.

The answers are those of the GraphQL API, asked in the same words for the same viewer. They stand in
the page as data, which no browser runs, for ``given`` in ``lib/server.js``; what the server knows
how to draw stands there drawn as well (``regions``). What strangers were told is told again as long
as nobody has committed (``Database.version``).
"""

import logging
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import msgspec

from graphrepo.access.viewer import ANONYMOUS, Viewer
from graphrepo.clock import Clock, system_clock
from graphrepo.errors import UnavailableError
from graphrepo.web.frames import Frame
from graphrepo.web.incoming import Incoming
from graphrepo.web.markup import WAITING, Visit
from graphrepo.web.questions import SESSION, Question, Variables, questions_of
from graphrepo.web.regions import region_of

Data = Mapping[str, Any]
Ask = Callable[[Incoming, str, Variables], Awaitable[Data | None]]
"""Answers a GraphQL query for whoever sent the request: its data, None where there is a failure, or
nobody to answer yet. The page then asks for itself, and shows what is wrong."""


Version = Callable[[], Awaitable[object]]
"""Returns what differs once somebody has committed; None where that cannot be told."""

_log = logging.getLogger(__name__)
_MOST: Final = 32  # pages


async def nobody_asks(_: Incoming, _document: str, _variables: Variables) -> None:
    """Answer nothing."""


async def unknown_version() -> None:
    """Tell nothing."""


@dataclass(frozen=True, slots=True)
class Known:
    """``region`` is HTML for the frame's open place, ``block`` the data for the script.

    ``is_whole`` says that every question was answered.
    """

    region: str
    block: str
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers of pages; ``documents`` are the queries by the names of their operations."""

    documents: Mapping[str, str]
    ask: Ask
    version: Version
    clock: Clock = system_clock
    _kept: dict[Hashable, Known] = field(default_factory=dict[Hashable, Known])

    async def of(self, request: Incoming, frame: Frame) -> Known:
        """Return what a page may bring along for whoever asks for it."""
        now = self.clock()
        version = await self._version() if _is_stranger(request) else None
        # The words that say how long ago something was are a minute old at most.
        key = (version, str(request.url), _tool(request), now.replace(second=0, microsecond=0))
        if found := self._kept.get(key):
            return found
        try:
            found = await self._find(request, frame, now)
        except Exception:  # noqa: BLE001 - the page has begun; its script asks, and says what is wrong
            _log.exception("A page could not be answered beforehand.")
            return Known(_unanswered(frame), _block([]), is_whole=False)
        if version is not None and found.is_whole:
            self._keep(key, found)
        return found

    async def _version(self) -> object:
        try:
            return await self.version()
        except UnavailableError:  # whoever asks next says so
            return None

    def _keep(self, key: Hashable, found: Known) -> None:
        if len(self._kept) >= _MOST:
            self._kept.clear()
        self._kept[key] = found

    async def _find(self, request: Incoming, frame: Frame, now: datetime) -> Known:
        questions = _questions(request, frame)
        given = [
            (question, data)
            for question in questions
            if (data := await self._answer(request, question)) is not None
        ]
        region = _unanswered(frame)
        visit = Visit(request.scope["path"], request.query_params, now, _tool(request))
        for question, data in given:
            if question is SESSION:
                viewer: Data | None = data["viewer"]
                visit = replace(visit, is_admin=viewer is not None and viewer["isAdmin"])
            else:
                region = region_of(frame.module, data, visit)
        return Known(region, _block(given), len(given) == len(questions))

    async def _answer(self, request: Incoming, question: Question) -> Data | None:
        return await self.ask(request, self.documents[question.operation], question.variables)


def _unanswered(frame: Frame) -> str:
    return WAITING if frame.foot else ""


def _tool(request: Incoming) -> str:
    """Return which package manager the reader chose to see commands of, see ``ui/parts.js``."""
    return request.cookies.get("tool", "")


def _is_stranger(request: Incoming) -> bool:
    viewer: Viewer = request.scope["state"].get("viewer", ANONYMOUS)
    return viewer.is_anonymous


def _questions(request: Incoming, frame: Frame) -> tuple[Question, ...]:
    """Return what to answer; to those signed in only where nobody else may have chosen the words.

    A link from elsewhere can hold any search. How long and how large its page is would tell what
    is private here.
    """
    query: Mapping[str, str] = request.query_params
    if query and not _is_stranger(request):
        return (SESSION,)
    return questions_of(frame.module, frame.named, query)


def _block(given: list[tuple[Question, Data]]) -> str:
    """Return the answers as an element of data; nothing in it can end the element."""
    entries = [[question.operation, question.variables, data] for question, data in given]
    data = msgspec.json.encode(entries).decode().replace("<", "\\u003c")
    return f'<script id="answers" type="application/json">{data}</script>'
