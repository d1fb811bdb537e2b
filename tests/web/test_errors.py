"""Every failure has a status, and looks the same from every address."""

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException

from graphrepo.errors import (
    GraphrepoError,
    LaterError,
    NotAuthenticatedError,
    NotFoundError,
    StaleError,
    TooManySearchesError,
    TooManySubscriptionsError,
)
from graphrepo.web.errors import (
    RETRY_AFTER,
    STATUS,
    MethodNotAllowedError,
    RangeNotSatisfiableError,
    error_reply,
)

FINAL_FOR_UPLOADERS = {400, 401, 403, 404, 409, 413, 422}


def scope(**headers: str) -> dict[str, Any]:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"headers": raw, "state": {"request_id": "7e57"}, "method": "GET"}


def every_failure(base: type[GraphrepoError] = GraphrepoError) -> Iterator[type[GraphrepoError]]:
    yield base
    for kind in base.__subclasses__():
        yield from every_failure(kind)


def test_every_code_has_exactly_one_row() -> None:
    assert {kind.code for kind in every_failure()} == set(STATUS)


def test_what_may_succeed_later_says_when_and_is_not_final_for_uploaders() -> None:
    knowing = {kind.code for kind in every_failure(LaterError)} - {LaterError.code}
    later = {code for code, status in STATUS.items() if status in {429, 503}}
    assert {*knowing, *RETRY_AFTER} == later
    for code in (*later, "storage_full", "internal_error"):
        assert STATUS[code] not in FINAL_FOR_UPLOADERS


def test_a_person_reads_one_sentence() -> None:
    reply = error_reply(NotFoundError("There is no such file."), scope())
    headers = dict(reply.headers)
    assert (reply.status, reply.body) == (404, b"There is no such file.\n")
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert headers["x-graphrepo-error"] == "not_found"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("accept", "is_json"),
    [
        ("application/json", True),
        ("application/json, text/plain;q=0.5", True),
        ("text/html, application/json;q=0.9", True),
        ("text/plain, application/json", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_a_program_that_prefers_json_gets_it(accept: str, *, is_json: bool) -> None:
    reply = error_reply(NotFoundError("Nothing."), scope(accept=accept))
    expected = b'{"code":"not_found","message":"Nothing."}' if is_json else b"Nothing.\n"
    assert reply.body == expected
    assert dict(reply.headers)["x-graphrepo-error"] == "not_found"


@pytest.mark.parametrize(
    ("host", "realm"),
    [
        ("conda.example:8000", "conda.example"),
        ("[::1]:8000", "[::1]"),
        ('evil"\r\nx: y', "evilx"),
        ("", "localhost"),
    ],
)
def test_who_is_unknown_is_told_both_ways_to_sign_in(host: str, realm: str) -> None:
    reply = error_reply(NotAuthenticatedError("Sign in."), scope(host=host))
    challenges = [value for name, value in reply.headers if name == "www-authenticate"]
    assert challenges == [f'Bearer realm="{realm}"', f'Basic realm="{realm}"']


def test_the_web_application_gets_no_challenge_that_opens_a_dialog() -> None:
    reply = error_reply(NotAuthenticatedError("Sign in."), scope(x_graphrepo_csrf="1"))
    challenges = [value for name, value in reply.headers if name == "www-authenticate"]
    assert challenges == ['Bearer realm="localhost"']


def test_a_failure_that_passes_says_when_to_come_again() -> None:
    for error, status, seconds in (
        (StaleError("Again."), 503, "1"),
        (TooManySubscriptionsError("Fewer."), 429, "5"),
        (TooManySearchesError(7), 429, "7"),
    ):
        reply = error_reply(error, scope())
        assert (reply.status, dict(reply.headers)["retry-after"]) == (status, seconds)


def test_a_wrong_method_and_a_wrong_range_say_what_is_right() -> None:
    method = error_reply(MethodNotAllowedError({"HEAD", "GET"}), scope())
    assert (method.status, dict(method.headers)["allow"]) == (405, "GET, HEAD")
    span = error_reply(RangeNotSatisfiableError(10), scope())
    assert (span.status, dict(span.headers)["content-range"]) == (416, "bytes */10")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotFoundException(), 404, "not_found"),
        (MethodNotAllowedException(headers={"allow": "POST"}), 405, "method_not_allowed"),
        (HTTPException(status_code=400, detail="Bad host"), 400, "invalid_request"),
        (HTTPException(status_code=500, detail="secret"), 500, "internal_error"),
    ],
)
def test_the_frameworks_failures_look_like_ours(error: Exception, status: int, code: str) -> None:
    reply = error_reply(error, scope())
    assert (reply.status, dict(reply.headers)["x-graphrepo-error"]) == (status, code)
    assert b"secret" not in reply.body


def test_an_unexpected_failure_shows_a_number_and_nothing_else() -> None:
    reply = error_reply(KeyError("password"), scope())
    assert reply.status == 500
    assert b"7e57" in reply.body
    assert b"password" not in reply.body
