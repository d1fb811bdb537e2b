"""Sessions: sign in, sign out, and the first administrator."""

from collections.abc import Generator
from http.cookies import SimpleCookie

import httpx
import pytest

from graphrepo.access.attempts import AttemptLimits
from tests.processes import PASSWORD, serving
from tests.server import Client, Server
from tests.waiting import PATIENCE

WHO = "{ viewer { login } }"


def sign_in(client: Client, **headers: str) -> httpx.Response:
    credentials = {"login": "olga", "password": PASSWORD}
    return client.request("POST", "/api/auth/login", json=credentials, headers=headers)


def cookie_of(answer: httpx.Response) -> dict[str, str | bool]:
    morsel = SimpleCookie(answer.headers["set-cookie"])["graphrepo_session"]
    return {"value": morsel.value, **{name: morsel[name] for name in morsel if morsel[name]}}


@pytest.fixture
def visitor(server: Server) -> Generator[Client]:
    """Somebody with an empty cookie jar."""
    with server.client() as client:
        yield client


def test_guessing_is_slowed_down_and_told_for_how_long(visitor: Client) -> None:
    guess = {"login": "guessed", "password": "x" * 1025}  # too long to be anybody's, so not hashed
    thief = {"X-Forwarded-For": "198.51.100.1"}

    def guesses(times: int, **headers: str) -> list[httpx.Response]:
        return [
            visitor.request("POST", "/api/auth/login", json=guess, headers={**thief, **headers})
            for _ in range(times)
        ]

    assert {answer.status_code for answer in guesses(AttemptLimits().per_account)} == {401}
    (refused,) = guesses(1, Accept="application/json")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    assert 0 < int(refused.headers["retry-after"]) <= 90
    assert sign_in(visitor, **thief).status_code == 200
    assert sign_in(visitor).status_code == 200


def test_tokens_that_are_no_good_shut_nobody_out(visitor: Client, owner: Client) -> None:
    channel = owner.create_channel(is_public=False)
    path = f"/{channel}/noarch/repodata.json"
    tries = AttemptLimits().per_address + 1
    answers = {visitor.get(f"/t/gr-{number:040}{path}").status_code for number in range(tries)}
    assert answers == {401}
    assert owner.get(path).status_code == 200
    assert sign_in(visitor).status_code == 200


def test_a_session_lasts_until_it_is_closed(visitor: Client) -> None:
    answer = sign_in(visitor)
    assert (answer.status_code, answer.json()) == (200, {"login": "olga", "isAdmin": False})
    assert answer.headers["cache-control"] == "no-store"
    assert visitor.ask(WHO)["viewer"] == {"login": "olga"}
    secret = cookie_of(answer)["value"]

    closed = visitor.request("POST", "/api/auth/logout", json={})
    assert closed.status_code == 200
    assert cookie_of(closed)["value"] == ""
    stolen = {"Cookie": f"graphrepo_session={secret}"}
    body = {"query": WHO}
    old = visitor.request("POST", "/api/graphql", headers=stolen, json=body)
    assert old.json()["data"] == {"viewer": None}


def known_by(server: Server, secret: object) -> object:
    """Return whom a session's secret stands for."""
    with server.client() as anybody:
        stolen = {"Cookie": f"graphrepo_session={secret}"}
        answer = anybody.request("POST", "/api/graphql", headers=stolen, json={"query": WHO})
    return answer.json()["data"]["viewer"]


def test_a_secret_from_elsewhere_is_never_taken_over(server: Server, visitor: Client) -> None:
    planted = f"gr-{'A' * 40}"
    first = cookie_of(sign_in(visitor, Cookie=f"graphrepo_session={planted}"))["value"]
    assert first != planted
    assert known_by(server, planted) is None
    assert known_by(server, first) == {"login": "olga"}


def test_signing_in_anew_ends_the_session_that_was(server: Server, visitor: Client) -> None:
    first = cookie_of(sign_in(visitor))["value"]
    second = cookie_of(sign_in(visitor))["value"]
    assert first != second
    assert known_by(server, first) is None
    assert known_by(server, second) == {"login": "olga"}


def test_rights_are_those_of_the_moment_in_every_session(server: Server) -> None:
    with server.client("root") as root, server.client() as browser:
        root.ask('mutation {createUser(login: "rhea", password: "correct horse battery") {login}}')
        browser.sign_in("rhea")
        secret = browser.http.cookies["graphrepo_session"]
        query = "{ events { totalCount } }"

        def change(**to: bool) -> None:
            mutation = (
                "mutation($a: Boolean, $d: Boolean)"
                '{updateUser(login: "rhea", isAdmin: $a, isDisabled: $d) {login}}'
            )
            root.ask(mutation, a=to.get("admin"), d=to.get("disabled"))

        assert browser.ask(query)["events"] == {"totalCount": 0}
        change(admin=True)
        assert browser.ask(query)["events"]["totalCount"] > 0
        change(admin=False)
        assert browser.ask(query)["events"] == {"totalCount": 0}
        change(disabled=True)
        assert known_by(server, secret) is None
        change(disabled=False)
        assert known_by(server, secret) is None


def test_the_cookie_stays_with_this_site_and_away_from_scripts(visitor: Client) -> None:
    cookie = cookie_of(sign_in(visitor))
    assert cookie.pop("value") != ""
    assert cookie == {
        "max-age": str(30 * 24 * 3600),
        "path": "/",
        "httponly": True,
        "samesite": "Lax",
    }


def test_behind_tls_the_cookie_is_kept_to_it(visitor: Client) -> None:
    answer = sign_in(visitor, **{"X-Forwarded-Proto": "https"})
    assert cookie_of(answer)["secure"] is True


@pytest.mark.parametrize(("login", "password"), [("olga", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_login_and_a_wrong_password_are_refused_alike(
    visitor: Client, login: str, password: str
) -> None:
    body = {"login": login, "password": password}
    answer = visitor.request("POST", "/api/auth/login", json=body)
    assert (answer.status_code, answer.headers["x-graphrepo-error"]) == (401, "wrong_credentials")
    assert answer.text == "Login and password do not belong together; try again.\n"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"login": "olga"}',
        b'{"login": 1, "password": 2}',
        b"\xff",
        b"{",
        b'{"x":' + b"[" * 9000,
    ],
)
@pytest.mark.parametrize("path", ["login", "setup"])
def test_a_body_that_is_not_what_it_should_be_is_refused(
    visitor: Client, path: str, content: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = visitor.request("POST", f"/api/auth/{path}", content=content, headers=headers)
    assert (answer.status_code, answer.headers["x-graphrepo-error"]) == (400, "invalid_request")


def test_a_form_of_another_site_signs_nobody_in(visitor: Client) -> None:
    body = b'{"login": "olga", "password": "' + PASSWORD.encode() + b'"}'
    answer = visitor.request(
        "POST", "/api/auth/login", content=body, headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 400
    assert "set-cookie" not in answer.headers


def test_a_huge_sign_in_is_refused(visitor: Client) -> None:
    body = {"login": "olga", "password": "x" * 20_000}
    assert visitor.request("POST", "/api/auth/login", json=body).status_code == 413


def test_signing_out_needs_the_proof_of_origin(browser: Client) -> None:
    assert browser.request("POST", "/api/auth/logout").status_code == 403
    assert browser.ask(WHO)["viewer"] == {"login": "olga"}
    proof = {"X-Graphrepo-Csrf": "1"}
    assert browser.request("POST", "/api/auth/logout", headers=proof).status_code == 200
    assert browser.ask(WHO)["viewer"] is None


def test_signing_out_twice_is_no_failure(visitor: Client) -> None:
    answer = visitor.request("POST", "/api/auth/logout")
    assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)


def test_set_up_is_closed_once_there_are_people(visitor: Client) -> None:
    body = {"token": f"gr-{'a' * 40}", "login": "eve", "password": PASSWORD}
    answer = visitor.request("POST", "/api/auth/setup", json=body)
    assert (answer.status_code, answer.headers["x-graphrepo-error"]) == (403, "setup_closed")


def test_the_printed_link_makes_the_first_administrator_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    data = tmp_path_factory.mktemp("fresh") / "data"
    with (
        serving(data, "--server", "uvicorn", is_first=True) as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=PATIENCE) as http,
    ):
        body = {"token": server.setup_token, "login": "root", "password": PASSWORD}
        wrong = http.post("/api/auth/setup", json={**body, "token": f"gr-{'b' * 40}"})
        assert wrong.status_code == 403
        weak = http.post("/api/auth/setup", json={**body, "password": "short"})
        assert (weak.status_code, weak.headers["x-graphrepo-error"]) == (422, "invalid_input")
        made = http.post("/api/auth/setup", json=body)
        assert (made.status_code, made.json()) == (200, {"login": "root", "isAdmin": True})
        who = http.post("/api/graphql", json={"query": WHO}).json()
        assert who["data"]["viewer"] == {"login": "root"}
        again = http.post("/api/auth/setup", json={**body, "login": "other"})
        assert again.status_code == 403
