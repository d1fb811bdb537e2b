"""Who gets what, with which credential: channel-contract.md, section 10."""

import base64

import pytest

from tests.server import PASSWORD, Client, Server
from tests.waiting import until
from tests.web.conftest import ZLIB, Shelf

ARTIFACT = f"noarch/{ZLIB.filename}"
READABLE = ("noarch/repodata.json", "noarch/repodata.json.zst", ARTIFACT)
ANYTHING = (*READABLE, "noarch/repodata_shards.msgpack.zst", "noarch/missing-1-0.conda", "x", "")
FORGED = f"gr-{'A' * 40}"


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def ways(token: str) -> list[tuple[str, dict[str, str]]]:
    """Return every way to send a token, as a prefix of the address and headers."""
    return [
        (f"/t/{token}", {}),
        ("", {"Authorization": f"Bearer {token}"}),
        ("", {"Authorization": f"bearer {token}"}),
        ("", {"Authorization": f"token {token}"}),
        ("", basic("anyone", token)),
        ("", basic(token, "")),
        ("", {"X-API-Key": token}),
    ]


@pytest.mark.parametrize("file", ANYTHING)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_without_a_credential_private_and_missing_channels_look_alike(
    nobody: Client, shelf: Shelf, file: str, method: str
) -> None:
    answers = [
        nobody.request(method, f"/{channel}/{file}") for channel in (shelf.private, "no-such")
    ]
    for answer in answers:
        assert answer.status_code == 401
        assert answer.headers.get_list("www-authenticate") == [
            'Bearer realm="127.0.0.1"',
            'Basic realm="127.0.0.1"',
        ]
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize("file", ANYTHING)
def test_a_stranger_learns_nothing_either(stranger: Client, shelf: Shelf, file: str) -> None:
    private = stranger.get(f"/{shelf.private}/{file}")
    missing = stranger.get(f"/no-such/{file}")
    assert private.status_code == missing.status_code == 403
    assert private.text == f"No channel {shelf.private}, or you are not a member of it.\n"
    assert private.text.replace(shelf.private, "no-such") == missing.text


@pytest.mark.parametrize("file", READABLE)
def test_members_read_private_channels(
    member: Client, contributor: Client, owner: Client, shelf: Shelf, file: str
) -> None:
    for client in (member, contributor, owner):
        assert client.get(f"/{shelf.private}/{file}").status_code == 200
        missing = client.get(f"/{shelf.private}/noarch/missing-1-0.conda")
        assert missing.status_code == 404


@pytest.mark.parametrize("file", READABLE)
def test_every_way_to_send_a_key_opens_a_private_channel(
    server: Server, nobody: Client, shelf: Shelf, file: str
) -> None:
    for prefix, headers in ways(server.tokens["mia"]):
        answer = nobody.get(f"{prefix}/{shelf.private}/{file}", headers=headers)
        assert answer.status_code == 200, (prefix, headers)


@pytest.mark.parametrize("token", [FORGED, "short", "*****", "%2A%2A%2A", "x" * 2000, "gr-"])
def test_a_bad_key_is_a_stranger_on_private_and_ignored_on_public_channels(
    nobody: Client, shelf: Shelf, token: str
) -> None:
    for prefix, headers in ways(token):
        private = nobody.get(f"{prefix}/{shelf.private}/{ARTIFACT}", headers=headers)
        assert private.status_code == 401, (prefix, headers)
        public = nobody.get(f"{prefix}/{shelf.public}/{ARTIFACT}", headers=headers)
        assert (public.status_code, public.content) == (200, ZLIB.data)


def test_a_strangers_key_is_no_hindrance_on_a_public_channel(
    stranger: Client, shelf: Shelf
) -> None:
    for prefix, headers in ways(stranger.token):
        path = f"{prefix}/{shelf.public}/{ARTIFACT}"
        assert stranger.http.get(path, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "value", ["Basic", "Basic !!!", "Basic bm9jb2xvbg==", "Bearer", "Digest x", "Bearer \xe9"]
)
def test_a_malformed_header_is_no_credential(nobody: Client, shelf: Shelf, value: str) -> None:
    headers = {"Authorization": value.encode("latin-1").decode("latin-1")}
    raw = [(b"Authorization", headers["Authorization"].encode("latin-1"))]
    answer = nobody.http.get(f"/{shelf.private}/{ARTIFACT}", headers=raw)
    assert answer.status_code == 401


def test_the_first_good_credential_decides(server: Server, nobody: Client, shelf: Shelf) -> None:
    good, foreign = server.tokens["mia"], server.tokens["sam"]
    path = f"/{shelf.private}/{ARTIFACT}"
    for prefix, headers, status in (
        (f"/t/{FORGED}", {"Authorization": f"Bearer {good}"}, 200),
        ("", {"Authorization": f"Bearer {FORGED}", "X-API-Key": good}, 200),
        (f"/t/{foreign}", {"Authorization": f"Bearer {good}"}, 403),
    ):
        assert nobody.get(f"{prefix}{path}", headers=headers).status_code == status


def test_a_token_works_directly_under_the_host_only(
    server: Server, nobody: Client, shelf: Shelf
) -> None:
    answer = nobody.get(f"/{shelf.private}/t/{server.tokens['mia']}/{ARTIFACT}")
    assert answer.status_code == 401


def test_a_password_is_no_token(nobody: Client, shelf: Shelf) -> None:
    answer = nobody.get(f"/{shelf.private}/{ARTIFACT}", headers=basic("olga", PASSWORD))
    assert answer.status_code == 401


def test_a_key_for_another_channel_makes_its_bearer_a_stranger(
    owner: Client, nobody: Client, shelf: Shelf
) -> None:
    elsewhere = owner.create_channel(is_public=False)
    bearer = {"Authorization": f"Bearer {owner.create_key(mode='READ', channel=elsewhere)}"}
    assert nobody.get(f"/{elsewhere}/noarch/repodata.json", headers=bearer).status_code == 200
    assert nobody.get(f"/{shelf.private}/{ARTIFACT}", headers=bearer).status_code == 403
    assert nobody.get(f"/{shelf.public}/{ARTIFACT}", headers=bearer).status_code == 200


def test_a_session_reads_private_channels(browser: Client, shelf: Shelf) -> None:
    assert browser.get(f"/{shelf.private}/{ARTIFACT}").status_code == 200


def test_nothing_that_is_secret_gets_into_the_log(
    server: Server, nobody: Client, shelf: Shelf
) -> None:
    token = server.tokens["mia"]
    for prefix, headers in ways(token):
        nobody.get(f"{prefix}/{shelf.private}/{ARTIFACT}", headers=headers)
    nobody.get(f"/t/unknown-secret/{shelf.private}/{ARTIFACT}")
    nobody.get(f"/lab/t/{token}/x")
    last = nobody.get(f"/{shelf.public}/x").headers["x-request-id"]
    until(lambda: last in server.log.read_text())
    log = server.log.read_text()
    assert f"GET /{shelf.private}/{ARTIFACT} 200 {ZLIB.size}B" in log
    assert "user=mia" in log
    assert token not in log
    assert "unknown-secret" not in log
