"""Logs tell what happened and no secret."""

import asyncio
import json
import logging
from collections.abc import Generator

import pytest

from graphrepo.observability import (
    MaskingFormatter,
    RequestFacts,
    RequestLog,
    configure_logging,
    mask,
)

TOKEN = f"gr-{'Ab3x' * 10}"  # of the shape of access.tokens.new_token


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Generator[None]:
    """Leave the logs to the other tests of this process, which listen to them."""
    logs = [logging.getLogger(name) for name in ("graphrepo", "graphrepo.request")]
    before = [(log.level, log.propagate, log.handlers) for log in logs]
    yield
    for log, (level, log.propagate, log.handlers) in zip(logs, before, strict=True):
        log.setLevel(level)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"key {TOKEN}.", "key gr-*****."),
        ("GET /t/secret/lab/noarch/repodata.json", "GET /t/*****/lab/noarch/repodata.json"),
        ("GET //t//secret/lab", "GET //t//*****/lab"),
        ("http://host/t/secret", "http://host/t/*****"),
        ("/misplaced/t/secret/x", "/misplaced/t/*****/x"),
        ("Authorization: Bearer abc def", "Authorization: *****"),
        ("{'x-api-key': 'abc'}", "{'x-api-key': *****"),
        ("Cookie: graphrepo_session=abc", "Cookie: *****"),
        ("GET /lab/noarch/zlib-1.3-0.conda 200", "GET /lab/noarch/zlib-1.3-0.conda 200"),
        ("GET /test/it", "GET /test/it"),
    ],
)
def test_what_may_be_a_credential_is_masked_and_nothing_else(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_a_traceback_is_masked_as_well() -> None:
    with pytest.raises(ValueError, match="invalid literal") as caught:
        int(TOKEN)
    trace = (caught.type, caught.value, caught.tb)
    record = logging.LogRecord("x", logging.ERROR, "x", 1, "failed", (), trace)
    line = MaskingFormatter("%(message)s").format(record)
    assert "Traceback" in line
    assert TOKEN not in line


def test_the_configured_logs_go_to_standard_error_masked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("info")
    logging.getLogger("graphrepo.request").info("GET /t/%s/x", "secret")
    logging.getLogger("graphrepo.request").debug("too much")
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.endswith("INFO graphrepo.request: GET /t/*****/x\n")
    assert printed.err.count("\n") == 1


def noted(count: int, path: str = "/lab", *, as_json: bool = False) -> list[str]:
    """Return what a log has written before it had the time to wait."""
    written: list[str] = []
    log = RequestLog(write=written.append, as_json=as_json)

    async def note() -> None:
        for number in range(count):
            log.note(RequestFacts(f"id{number}", "GET", path, 200, 5, 0.25, ""))

    logging.getLogger("graphrepo.request").setLevel(logging.INFO)
    asyncio.run(note())
    log.flush()
    return written


def test_lines_of_requests_look_like_all_others(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info")
    logging.getLogger("graphrepo.request").info("GET /lab 200 5B 250.0ms id=id0 user=- from=-")
    digits = str.maketrans("123456789", "000000000")
    printed = capsys.readouterr().err
    assert "".join(noted(1)).translate(digits) == printed.translate(digits)


def test_lines_of_requests_are_written_together_and_in_order() -> None:
    first, rest = noted(1500)
    assert (first.count("\n"), rest.count("\n")) == (1000, 500)
    assert "id=id999 " in first
    assert "id=id1000 " in rest


def test_lines_of_requests_are_masked_and_stay_lines() -> None:
    (line,) = noted(1, f"/lab\n/{TOKEN}")
    assert line.count("\n") == 1
    assert TOKEN not in line


def test_nothing_is_noted_below_the_level() -> None:
    written: list[str] = []
    logging.getLogger("graphrepo.request").setLevel(logging.WARNING)
    log = RequestLog(write=written.append)
    log.note(RequestFacts("id", "GET", "/", 200, 5, 0.25, ""))
    log.flush()
    assert written == []


def test_lines_for_programs_are_json_and_masked(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info", as_json=True)
    log = logging.getLogger("graphrepo")
    log.warning('say "cookie: %s"\n', TOKEN)
    try:
        int(TOKEN)
    except ValueError:
        log.exception("failed")
    printed = capsys.readouterr().err
    warning, failure = map(json.loads, printed.splitlines())
    assert TOKEN not in printed
    assert (warning["level"], warning["logger"]) == ("WARNING", "graphrepo")
    assert warning["message"] == 'say "cookie: *****\n'
    assert (failure["message"], set(failure) - set(warning)) == ("failed", {"exception"})
    assert failure["exception"].startswith("Traceback")


def test_requests_are_told_to_programs_fact_by_fact() -> None:
    (text,) = noted(2, f'/lab/"\n/{TOKEN}', as_json=True)
    first, second = map(json.loads, text.splitlines())
    assert first.pop("at").endswith("+00:00")
    assert second["id"] == "id1"
    assert first == {
        "level": "INFO",
        "logger": "graphrepo.request",
        "method": "GET",
        "path": '/lab/"\n/gr-*****',
        "status": 200,
        "bytes": 5,
        "ms": 250.0,
        "id": "id0",
        "user": None,
        "from": None,
    }
