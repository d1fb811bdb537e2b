"""Figures for a Prometheus: what this process has answered since it began.

    graphrepo_requests_total            counter     kind, method, status
    graphrepo_received_bytes_total      counter     kind
    graphrepo_sent_bytes_total          counter     kind
    graphrepo_request_seconds           histogram   kind

Every label has few values, whatever strangers send. Each series has the label ``pid`` as well:
a worker knows of itself alone, and whoever asks is answered by one of them.
"""

import hmac
import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from litestar import HttpMethod, Response, route
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import SkipValidation

from graphrepo.errors import NotAuthenticatedError, NotFoundError
from graphrepo.observability import RequestFacts
from graphrepo.web.asgi import Reply, header
from graphrepo.web.channel_files import is_channel_path
from graphrepo.web.incoming import Call, Incoming, response

Note = Callable[[RequestFacts], object]

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "WEBSOCKET"})
_BOUNDS: Final = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
_OWN: Final = {"ui": "asset", "healthz": "health", "readyz": "health", "metrics": "health"}
_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"  # Prometheus' exposition format


class Meter:
    """Counts the requests of this process; on the event loop alone."""

    def __init__(self) -> None:
        """Begin at zero."""
        self._requests: Counter[tuple[str, str, str]] = Counter()
        self._received: Counter[str] = Counter()
        self._sent: Counter[str] = Counter()
        self._seconds: dict[str, float] = {}
        self._buckets: dict[str, list[int]] = {}

    def note(self, facts: RequestFacts) -> None:
        """Count an answered request; how long a WebSocket stays open says nothing."""
        kind = kind_of(facts.method, facts.path)
        method = facts.method if facts.method in _METHODS else "other"
        status = f"{facts.status // 100}xx" if facts.status else "none"
        self._requests[kind, method, status] += 1
        self._received[kind] += facts.received
        self._sent[kind] += facts.sent
        if method != "WEBSOCKET":
            counts = self._buckets.setdefault(kind, [0] * (len(_BOUNDS) + 1))
            counts[bisect_left(_BOUNDS, facts.seconds)] += 1
            self._seconds[kind] = self._seconds.get(kind, 0.0) + facts.seconds

    def text(self) -> str:
        """Return the figures as a Prometheus reads them."""
        lines = (
            *_head("graphrepo_requests_total", "counter", "Requests answered."),
            *(
                _line("graphrepo_requests_total", number, kind=kind, method=method, status=status)
                for (kind, method, status), number in sorted(self._requests.items())
            ),
            *_by_kind("graphrepo_received_bytes_total", "Bytes of bodies read.", self._received),
            *_by_kind("graphrepo_sent_bytes_total", "Bytes of bodies sent.", self._sent),
            *_head("graphrepo_request_seconds", "histogram", "From the headers to the last byte."),
            *(line for kind in sorted(self._buckets) for line in self._histogram(kind)),
        )
        return "".join(f"{line}\n" for line in lines)

    def _histogram(self, kind: str) -> Iterator[str]:
        name, total = "graphrepo_request_seconds", 0
        for bound, count in zip((*_BOUNDS, "+Inf"), self._buckets[kind], strict=True):
            total += count
            yield _line(f"{name}_bucket", total, kind=kind, le=str(bound))
        yield _line(f"{name}_sum", round(self._seconds[kind], 6), kind=kind)
        yield _line(f"{name}_count", total, kind=kind)


class Figures:
    """The figures behind a token; without one, behind nothing at all."""

    def __init__(self, token: str | None, meter: Meter) -> None:
        """Keep what is shown, and to whom."""
        self._token = token
        self._meter = meter

    @property
    def note(self) -> Note:
        """Return who is to be told of each request."""
        return forget if self._token is None else self._meter.note

    def shown_to(self, authorization: str) -> str:
        """Return the figures.

        Raises:
            NotFoundError: the operator has not turned them on.
            NotAuthenticatedError: that is not ``Bearer`` and the operator's token.
        """
        if self._token is None:
            raise NotFoundError("There is nothing at this address; check its spelling.")
        scheme, _, given = authorization.partition(" ")
        is_right = hmac.compare_digest(given.strip().encode(), self._token.encode())
        if scheme.lower() != "bearer" or not is_right:
            raise NotAuthenticatedError("Send the token of GRAPHREPO_METRICS_TOKEN as a bearer.")
        return self._meter.text()


@route("/metrics", http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def metrics(
    request: Incoming, figures: NamedDependency[SkipValidation[Figures]]
) -> Response[bytes]:
    """Show a Prometheus what this process has answered."""
    text = figures.shown_to(header(Call.of(request).scope, "authorization"))
    return response(
        Reply(200, (("content-type", _TYPE), ("cache-control", "no-store")), text.encode())
    )


METRICS_ROUTES: list[HTTPRouteHandler] = [metrics]


def kind_of(method: str, path: str) -> str:
    """Return what is asked for, as one of a dozen words."""
    if not path.startswith("/"):  # OPTIONS has an asterisk (RFC 9110, 9.3.7)
        return "page"
    if is_channel_path(path):
        return _kind_in_channel(method, path)
    first, _, rest = path[1:].partition("/")
    if first != "api":
        return _OWN.get(first, "page")
    if rest == "graphql":
        return "graphql"
    if rest.startswith("auth/"):
        return "session"
    is_upload = rest.startswith(("v1/upload/", "channels/"))
    return "upload" if is_upload else "api"


def _kind_in_channel(method: str, path: str) -> str:
    if method == "PUT":
        return "upload"
    if "/shards/" in path:
        return "shard"
    return "package" if path.endswith((".conda", ".tar.bz2")) else "document"


def _by_kind(name: str, meaning: str, figures: Mapping[str, int]) -> Iterator[str]:
    yield from _head(name, "counter", meaning)
    for kind, number in sorted(figures.items()):
        yield _line(name, number, kind=kind)


def _head(name: str, form: str, meaning: str) -> Iterable[str]:
    return (f"# HELP {name} {meaning}", f"# TYPE {name} {form}")


def _line(name: str, number: float, **labels: str) -> str:
    told = "".join(f',{label}="{value}"' for label, value in labels.items())
    return f'{name}{{pid="{os.getpid()}"{told}}} {number}'


def forget(_facts: RequestFacts) -> None:
    """Count nothing."""
