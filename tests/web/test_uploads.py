"""Files in: every upload protocol of channel-contract.md, section 11, on both web servers."""

from collections.abc import Callable, Mapping

import httpx
import pytest

from tests.builders import Built, package
from tests.server import MAX_UPLOAD, Client, Server
from tests.web.conftest import Shelf

pytestmark = pytest.mark.both_servers

OTHER_TOOL = "application/octet-stream"


@pytest.fixture
def channel(owner: Client) -> str:
    return owner.create_channel(is_public=False)


Files = list[tuple[str, tuple[str | None, bytes, str, Mapping[str, str]]]]
NO_HEADERS: Mapping[str, str] = {}


def form(
    built: Built, *, headers: dict[str, str] | None = None, filename: str | None = None
) -> Files:
    """Return the form that pixi and rattler-build send."""
    own = {"X-File-Name": built.filename, "X-File-SHA256": built.sha256}
    part = (filename or built.filename, built.data, OTHER_TOOL, own if headers is None else headers)
    return [("file", part)]


def prefix_form(client: Client, channel: str, built: Built) -> httpx.Response:
    return client.request("POST", f"/api/v1/upload/{channel}", files=form(built))


def prefix_raw(client: Client, channel: str, built: Built) -> httpx.Response:
    return client.upload(channel, built, headers={"X-File-SHA256": built.sha256.upper()})


def prefix_raw_without_hash(client: Client, channel: str, built: Built) -> httpx.Response:
    return client.upload(channel, built)


def quetz(client: Client, channel: str, built: Built) -> httpx.Response:
    path = f"/api/channels/{channel}/upload/{built.filename}"
    return client.request(
        "POST",
        path,
        headers={"Authorization": "", "X-API-Key": client.token},
        params={"force": "false", "sha256": built.sha256},
        content=iter([built.data[:100], built.data[100:]]),
    )


def artifactory(client: Client, channel: str, built: Built) -> httpx.Response:
    path = f"/{channel}/{built.subdir}/{built.filename}"
    return client.request("PUT", path, content=iter([built.data]))


def doubled_slash(client: Client, channel: str, built: Built) -> httpx.Response:
    address = f"{client.url}//api//v1/upload/{channel}/"
    return client.request("POST", address, files=form(built))


Send = Callable[[Client, str, Built], httpx.Response]

PROTOCOLS = (
    prefix_form,
    prefix_raw,
    prefix_raw_without_hash,
    quetz,
    artifactory,
    doubled_slash,
)


@pytest.mark.parametrize("send", PROTOCOLS)
@pytest.mark.parametrize(
    "built",
    [package("pkg", "1!1.0+a.1"), package("pkg", "2", subdir="linux-64", extension="tar.bz2")],
    ids=lambda built: built.filename,
)
def test_every_protocol_publishes(
    contributor: Client,
    channel: str,
    send: Send,
    built: Built,
) -> None:
    answer = send(contributor, channel, built)
    assert answer.status_code == 201
    assert answer.json() == {
        "filename": built.filename,
        "subdir": built.subdir,
        "sha256": built.sha256,
        "size": built.size,
        "created": True,
        "warnings": [],
    }
    got = contributor.get(f"/{channel}/{built.subdir}/{built.filename}")
    assert got.content == built.data
    records = contributor.get(f"/{channel}/{built.subdir}/repodata.json").json()
    assert built.filename in {**records["packages"], **records["packages.conda"]}


@pytest.mark.parametrize("send", PROTOCOLS)
def test_the_same_bytes_again_are_success_without_a_change(
    contributor: Client, channel: str, send: Send
) -> None:
    built = package("twice")
    send(contributor, channel, built)
    before = contributor.get(f"/{channel}/noarch/repodata.json").headers["etag"]
    again = send(contributor, channel, built)
    assert (again.status_code, again.json()["created"]) == (200, False)
    assert contributor.get(f"/{channel}/noarch/repodata.json").headers["etag"] == before


@pytest.mark.parametrize("send", PROTOCOLS)
def test_other_bytes_under_the_same_name_are_a_conflict(
    owner: Client, channel: str, send: Send
) -> None:
    owner.publish(channel, package("taken", timestamp=1_700_000_000_000))
    answer = send(owner, channel, package("taken", timestamp=1_700_000_001_000))
    assert answer.status_code == 409
    assert answer.headers["x-graphrepo-error"] == "file_exists"
    assert answer.text == (
        f"taken-1.0-0.conda is already in {channel} with different contents;"
        " raise the build number and upload again.\n"
    )


@pytest.mark.parametrize("force", ["true", "1", "True"])
def test_force_replaces_for_those_who_may_delete(
    owner: Client, contributor: Client, channel: str, force: str
) -> None:
    owner.publish(channel, package("taken", timestamp=1_700_000_000_000))
    newer = package("taken", timestamp=1_700_000_001_000)
    refused = contributor.upload(channel, newer, params={"force": force})
    assert (refused.status_code, refused.headers["x-graphrepo-error"]) == (403, "forbidden")
    replaced = owner.upload(channel, newer, params={"force": force})
    assert (replaced.status_code, replaced.json()["created"]) == (201, True)
    assert owner.get(f"/{channel}/noarch/{newer.filename}").content == newer.data


def test_quetz_can_force_as_well(owner: Client, channel: str) -> None:
    owner.publish(channel, package("taken", timestamp=1_700_000_000_000))
    newer = package("taken", timestamp=1_700_000_001_000)
    path = f"/api/channels/{channel}/upload/{newer.filename}"
    answer = owner.request("POST", path, params={"force": "true"}, content=newer.data)
    assert answer.status_code == 201


def test_a_value_that_is_no_truth_is_refused(owner: Client, channel: str) -> None:
    answer = owner.upload(channel, package("x"), params={"force": "perhaps"})
    assert (answer.status_code, answer.headers["x-graphrepo-error"]) == (400, "invalid_request")


@pytest.mark.parametrize("place", ["part", "header", "query"])
def test_bytes_that_are_not_the_announced_ones_are_refused(
    owner: Client, channel: str, place: str
) -> None:
    built = package("wrong")
    claimed = "0" * 64
    if place == "part":
        headers = {"X-File-Name": built.filename, "X-File-SHA256": claimed}
        answer = owner.request(
            "POST", f"/api/v1/upload/{channel}", files=form(built, headers=headers)
        )
    elif place == "header":
        answer = owner.upload(channel, built, headers={"X-File-SHA256": claimed})
    else:
        path = f"/api/channels/{channel}/upload/{built.filename}"
        answer = owner.request("POST", path, params={"sha256": claimed}, content=built.data)
    assert (answer.status_code, answer.headers["x-graphrepo-error"]) == (422, "hash_mismatch")
    assert owner.get(f"/{channel}/noarch/{built.filename}").status_code == 404


def test_a_hash_that_is_none_is_refused(owner: Client, channel: str) -> None:
    answer = owner.upload(channel, package("x"), headers={"X-File-SHA256": "abc"})
    assert (answer.status_code, answer.headers["x-graphrepo-error"]) == (400, "invalid_request")


def test_the_parts_own_file_name_will_do(owner: Client, channel: str) -> None:
    built = package("plain")
    path = f"/api/v1/upload/{channel}"
    assert owner.request("POST", path, files=form(built, headers={})).status_code == 201


def test_the_parts_header_wins_over_its_file_name(owner: Client, channel: str) -> None:
    built = package("named")
    files = form(built, filename="tmp123.bin")
    answer = owner.request("POST", f"/api/v1/upload/{channel}", files=files)
    assert answer.json()["filename"] == built.filename


def test_an_attestation_that_is_none_is_refused(owner: Client, channel: str) -> None:
    files: Files = [
        *form(package("attested")),
        ("attestation", (None, b"{}", "application/json", NO_HEADERS)),
    ]
    answer = owner.request("POST", f"/api/v1/upload/{channel}", files=files)
    assert (answer.status_code, answer.headers["x-graphrepo-error"]) == (422, "invalid_attestation")


def test_other_texts_in_a_form_are_passed_over(owner: Client, channel: str) -> None:
    files: Files = [("note", (None, b"hello", "text/plain", NO_HEADERS)), *form(package("noted"))]
    answer = owner.request("POST", f"/api/v1/upload/{channel}", files=files)
    assert (answer.status_code, answer.json()["warnings"]) == (201, [])


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([("attestation", (None, b"{}", "text/plain", NO_HEADERS))], "The form holds no file"),
        (form(package("one")) + form(package("two")), "The form holds more than one file"),
    ],
)
def test_a_form_holds_one_file(
    server: Server,
    owner: Client,
    channel: str,
    files: Files,
    sentence: str,
) -> None:
    answer = owner.request("POST", f"/api/v1/upload/{channel}", files=files)
    assert answer.status_code == 400
    assert answer.text.startswith(sentence)
    assert server.under_way == []


def test_a_body_without_a_name_is_refused(owner: Client, channel: str) -> None:
    answer = owner.request("POST", f"/api/v1/upload/{channel}", content=b"data")
    assert (answer.status_code, answer.text) == (
        400,
        "Nothing names the file: send its name in the header X-File-Name.\n",
    )


def test_a_form_without_a_boundary_is_refused(owner: Client, channel: str) -> None:
    headers = {"Content-Type": "multipart/form-data"}
    answer = owner.request("POST", f"/api/v1/upload/{channel}", headers=headers, content=b"x")
    assert (answer.status_code, answer.headers["x-graphrepo-error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("built", "code"),
    [
        (package("a", filename="b-1.0-0.conda"), "filename_mismatch"),
        (package("a", filename="a.zip"), "unsupported_format"),
        (Built("a-1.0-0.conda", b"no archive", {"subdir": "noarch"}), "invalid_archive"),
    ],
)
def test_what_is_unfit_is_refused_in_one_sentence_and_leaves_nothing(
    server: Server, owner: Client, channel: str, built: Built, code: str
) -> None:
    for send in (prefix_form, prefix_raw, quetz):
        answer = send(owner, channel, built)
        assert (answer.status_code, answer.headers["x-graphrepo-error"]) == (422, code)
        assert answer.text.count("\n") == 1
        assert len(answer.text) < 512
    assert server.under_way == []


def test_put_names_the_subdir(owner: Client, channel: str) -> None:
    built = package("native", subdir="linux-64")
    answer = owner.request("PUT", f"/{channel}/osx-64/{built.filename}", content=built.data)
    assert (answer.status_code, answer.headers["x-graphrepo-error"]) == (422, "subdir_mismatch")


@pytest.mark.parametrize("send", PROTOCOLS)
def test_who_may_not_upload_is_refused_alike_at_every_door(
    nobody: Client,
    stranger: Client,
    member: Client,
    channel: str,
    send: Send,
) -> None:
    built = package("refused")
    unknown = send(nobody, channel, built)
    assert (unknown.status_code, unknown.headers["x-graphrepo-error"]) == (401, "not_authenticated")
    assert "www-authenticate" in unknown.headers
    outside = send(stranger, channel, built)
    missing = send(stranger, "no-such", built)
    assert outside.status_code == missing.status_code == 403
    assert outside.text.replace(channel, "no-such") == missing.text
    reader = send(member, channel, built)
    assert (reader.status_code, reader.headers["x-graphrepo-error"]) == (403, "forbidden")


@pytest.mark.parametrize("mode", ["READ", "READ_WRITE"])
def test_a_key_uploads_as_far_as_its_mode_reaches(
    owner: Client, nobody: Client, channel: str, mode: str
) -> None:
    bearer = {"Authorization": f"Bearer {owner.create_key(mode=mode)}"}
    answer = nobody.upload(channel, package("keyed"), headers=bearer)
    assert answer.status_code == (201 if mode == "READ_WRITE" else 403)


def test_a_browser_needs_the_proof_of_its_origin(browser: Client, channel: str) -> None:
    built = package("web")
    path = f"/api/v1/upload/{channel}"
    refused = browser.request("POST", path, files=form(built))
    assert (refused.status_code, refused.headers["x-graphrepo-error"]) == (403, "csrf_rejected")
    proof = {"X-Graphrepo-Csrf": "1"}
    assert browser.request("POST", path, files=form(built), headers=proof).status_code == 201


@pytest.mark.parametrize("send", PROTOCOLS)
def test_too_large_a_file_is_refused_with_the_limit(
    server: Server, owner: Client, channel: str, send: Send
) -> None:
    huge = Built("huge-1.0-0.conda", bytes(MAX_UPLOAD + 3_000_000), {"subdir": "noarch"})
    answer = send(owner, channel, huge)
    assert (answer.status_code, answer.headers["x-graphrepo-error"]) == (413, "too_large")
    assert answer.text == "The body is too large: this server takes at most 4 MiB.\n"
    assert server.under_way == []


def test_a_form_may_be_a_little_larger_than_its_file(owner: Client, channel: str) -> None:
    padding = {"share/pad": bytes(range(256)) * 4}
    built = package("full", files=padding)
    full = Built(built.filename, built.data + bytes(MAX_UPLOAD - built.size), built.index)
    answer = prefix_form(owner, channel, full)
    # The limit let it pass; whether the archive may have a tail is another question.
    assert answer.headers.get("x-graphrepo-error") != "too_large"


def test_delete_removes_one_file(owner: Client, contributor: Client, channel: str) -> None:
    built = package("doomed")
    owner.publish(channel, built)
    path = f"/api/v1/delete/{channel}/noarch/{built.filename}"
    assert contributor.request("DELETE", path).status_code == 403
    answer = owner.request("DELETE", path)
    assert answer.status_code == 200
    assert answer.json() == {"deleted": [{"subdir": "noarch", "filename": built.filename}]}
    assert owner.get(f"/{channel}/noarch/{built.filename}").status_code == 404
    assert owner.request("DELETE", path).status_code == 404


def test_delete_is_found_behind_doubled_slashes(owner: Client, channel: str) -> None:
    built = package("doomed", "1!1+x")
    owner.publish(channel, built)
    encoded = built.filename.replace("+", "%2B").replace("!", "%21")
    address = f"{owner.url}//api/v1//delete/{channel}/noarch/{encoded}"
    assert owner.request("DELETE", address).status_code == 200


def test_reindex_tells_the_revision(owner: Client, stranger: Client, channel: str) -> None:
    owner.publish(channel, package("one"), package("two"))
    answer = owner.request("POST", f"/api/v1/reindex/{channel}/noarch")
    assert (answer.status_code, answer.json()) == (200, {"subdir": "noarch", "revision": 2})
    assert stranger.request("POST", f"/api/v1/reindex/{channel}/noarch").status_code == 403


@pytest.mark.parametrize(
    "path", ["/api/v1/upload", "/api/v1/uploads/{c}", "/api/{c}/noarch", "/api/packages/{c}"]
)
def test_an_unknown_address_never_takes_a_file(owner: Client, channel: str, path: str) -> None:
    answer = owner.request("POST", path.format(c=channel), content=b"data")
    assert answer.status_code == 404
    assert answer.headers["x-graphrepo-error"] == "not_found"


def test_failures_are_json_for_those_who_prefer_it(nobody: Client, shelf: Shelf) -> None:
    json_please = {"Accept": "application/json"}
    answer = nobody.upload(shelf.public, package("x"), headers=json_please)
    assert answer.json() == {
        "code": "not_authenticated",
        "message": "Sign in, or send a valid API key as a bearer token.",
    }
