"""Addresses as clients write them, and the proof that a change comes from this site."""

import pytest

from graphrepo.access.viewer import ANONYMOUS, Viewer
from graphrepo.errors import CsrfError
from graphrepo.web.channel_files import is_channel_path
from graphrepo.web.identity import check_origin, normalised, session_secret, split_token

BROWSER = Viewer(1, "olga", by_cookie=True)
PROGRAM = Viewer(1, "olga")


def scope(method: str, **headers: str) -> dict[str, object]:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"method": method, "headers": raw}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "/"),
        ("", "/"),
        ("///", "/"),
        ("/a/b", "/a/b"),
        ("/a//b///c/", "/a/b/c"),
        ("//api/v1", "/api/v1"),
        ("/a/b+c!", "/a/b+c!"),
    ],
)
def test_doubled_and_trailing_slashes_mean_nothing(path: str, expected: str) -> None:
    assert normalised(path) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/t/tok/lab/noarch/repodata.json", ("/lab/noarch/repodata.json", "tok")),
        ("/t/tok", ("/", "tok")),
        ("/t", ("/t", "")),
        ("/lab/t/tok/noarch", ("/lab/t/tok/noarch", "")),
        ("/t/a/t/b/lab", ("/t/b/lab", "a")),
        ("/tea/x", ("/tea/x", "")),
    ],
)
def test_a_token_stands_directly_under_the_host(path: str, expected: tuple[str, str]) -> None:
    assert split_token(path) == expected


@pytest.mark.parametrize(
    ("path", "is_channel"),
    [("/", False), ("/lab", True), ("/lab/noarch/x", True), ("/api/v1", False), ("/t", False)],
)
def test_what_is_not_reserved_is_a_channel(path: str, *, is_channel: bool) -> None:
    assert is_channel_path(path) is is_channel


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content_type": "multipart/form-data; boundary=x"},
        {"content_type": "application/x-www-form-urlencoded"},
        {"content_type": "text/plain"},
        {"content_type": "application/jsonp"},
    ],
)
def test_a_form_of_another_site_changes_nothing(method: str, headers: dict[str, str]) -> None:
    with pytest.raises(CsrfError):
        check_origin(scope(method, **headers), BROWSER)
    check_origin(scope(method, **headers), PROGRAM)
    check_origin(scope(method, **headers), ANONYMOUS)


@pytest.mark.parametrize(
    "headers",
    [
        {"content_type": "application/json"},
        {"content_type": "Application/JSON; charset=utf-8"},
        {"content_type": "multipart/form-data; boundary=x", "x_graphrepo_csrf": "1"},
    ],
)
def test_what_only_this_site_can_send_is_proof(headers: dict[str, str]) -> None:
    check_origin(scope("POST", **headers), BROWSER)


def test_reading_needs_no_proof() -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        check_origin(scope(method), BROWSER)


@pytest.mark.parametrize(
    ("cookie", "secret"),
    [
        ("graphrepo_session=abc", "abc"),
        ("a=b; graphrepo_session=abc; c=d", "abc"),
        ("xgraphrepo_session=abc", ""),
        ("", ""),
    ],
)
def test_the_session_is_found_among_other_cookies(cookie: str, secret: str) -> None:
    assert session_secret(scope("GET", cookie=cookie)) == secret
