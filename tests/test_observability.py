"""Logs tell what happened and no secret."""

import io
import logging

import pytest

from graphrepo.observability import MaskingFormatter, configure_logging, mask

TOKEN = f"gr-{'Ab3x' * 10}"  # of the shape of access.tokens.new_token


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
    logging.getLogger("graphrepo").handlers = [logging.StreamHandler(io.StringIO())]
