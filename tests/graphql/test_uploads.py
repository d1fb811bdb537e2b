"""Files that come with an operation: received, published, and never left behind."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from graphrepo.access.viewer import AccessMode
from graphrepo.graphql.operations import FORM_LIMITS
from tests.builders import Built, package
from tests.graphql.asking import INSTANCE, Answer, Api
from tests.registry.world import Person, World

UPLOAD = """mutation($channel: String!, $file: Upload!, $sha256: String, $force: Boolean) {
    uploadPackage(channelName: $channel, file: $file, sha256: $sha256, force: $force) {
        filename platform sha256 size uploader { login } } }"""


def parts(query: str, variables: Mapping[str, object], **files: Built) -> dict[str, Any]:
    """Return a form in the order of the specification, in httpx's words."""
    operations = {"query": query, "variables": {**variables, **dict.fromkeys(files)}}
    places = {name: [f"variables.{name}"] for name in files}
    sent: list[tuple[str, tuple[str | None, bytes]]] = [
        ("operations", (None, json.dumps(operations).encode())),
        ("map", (None, json.dumps(places).encode())),
    ]
    sent += [(name, (built.filename, built.data)) for name, built in files.items()]
    return {"files": sent}


def upload(api: Api, person: Person, built: Built, **variables: object) -> Answer:
    asked = {"channel": "lab", **variables}
    response = api.send(person, "POST", **parts(UPLOAD, asked, file=built))
    assert response.status_code == 200, response.text
    return Answer(200, response.json())


@pytest.fixture(autouse=True)
def staging(tmp_path: Path) -> Iterator[Path]:
    """Where files under way are; none may be left there after a test."""
    directory = tmp_path / "blobs" / "staging"
    yield directory
    assert not directory.exists() or list(directory.iterdir()) == []


def test_an_upload_is_published(api: Api, owner: Person) -> None:
    built = package("zlib", "1.3", subdir="linux-64")
    assert upload(api, owner, built).data["uploadPackage"] == {
        "filename": built.filename,
        "platform": "linux-64",
        "sha256": built.sha256,
        "size": built.size,
        "uploader": {"login": "ada"},
    }
    assert owner.download("lab", "linux-64", built.filename) == built.data


def test_the_same_again_changes_nothing(api: Api, owner: Person) -> None:
    built = package("zlib")
    first = upload(api, owner, built).data
    assert upload(api, owner, built).data == first
    query = '{ channel(name: "lab") { revision } }'
    assert api.ask(owner, query).data["channel"] == {"revision": 1}


def test_other_bytes_need_force(api: Api, owner: Person, contributor: Person) -> None:
    upload(api, owner, package("zlib"))
    other = package("zlib", files={"share/other": b"other"})
    assert upload(api, owner, other).codes == ["file_exists"]
    assert upload(api, contributor, other, force=True).codes == ["forbidden"]
    assert upload(api, owner, other, force=True).data["uploadPackage"]["sha256"] == other.sha256


def test_the_announced_hash_must_fit(api: Api, owner: Person) -> None:
    built = package("zlib")
    assert upload(api, owner, built, sha256="0" * 64).codes == ["hash_mismatch"]
    assert upload(api, owner, built, sha256=built.sha256).codes == []


def test_several_files_come_in_one_form(api: Api, owner: Person) -> None:
    query = """mutation($a: Upload!, $b: Upload!) {
        a: uploadPackage(channelName: "lab", file: $a) { filename }
        b: uploadPackage(channelName: "lab", file: $b) { filename } }"""
    sent = parts(query, {}, a=package("zlib"), b=package("png"))
    assert api.send(owner, "POST", **sent).json() == {
        "data": {"a": {"filename": "zlib-1.0-0.conda"}, "b": {"filename": "png-1.0-0.conda"}}
    }


def test_one_file_is_published_once(api: Api, owner: Person) -> None:
    query = """mutation($file: Upload!) {
        lab: uploadPackage(channelName: "lab", file: $file) { filename }
        vault: uploadPackage(channelName: "vault", file: $file) { filename } }"""
    answer = api.send(owner, "POST", **parts(query, {}, file=package("zlib"))).json()
    assert answer["errors"][0]["path"] == ["vault"]
    assert answer["errors"][0]["extensions"] == {"code": "invalid_input"}
    count = "{ packages { totalCount } }"
    assert api.ask(owner, count).data == {"packages": {"totalCount": 1}}


def test_a_bad_package_is_refused_with_its_code(api: Api, owner: Person) -> None:
    bad = Built("zlib-1.0-0.conda", b"no zip", {})
    answer = upload(api, owner, bad)
    assert answer.codes == ["invalid_archive"]
    assert upload(api, owner, package("zlib", filename="zlib.txt")).codes == ["unsupported_format"]


@pytest.mark.parametrize(
    ("who", "code"),
    [("reader", "forbidden"), ("stranger", "forbidden"), ("anonymous", "not_authenticated")],
)
def test_who_may_upload_nowhere_stages_nothing(
    api: Api, request: pytest.FixtureRequest, staging: Path, who: str, code: str
) -> None:
    world: World = request.getfixturevalue("world")
    person = world.nobody if who == "anonymous" else request.getfixturevalue(who)
    answer = upload(api, person, package("zlib"))
    assert answer.body["data"] is None
    assert answer.codes == [code]
    assert "path" not in answer.body["errors"][0]  # refused before anything ran
    assert not staging.exists()


def test_who_may_upload_elsewhere_is_refused_by_the_channel(
    api: Api, owner: Person, stranger: Person
) -> None:
    assert owner.login != stranger.create_channel("sams").name
    answer = upload(api, stranger, package("zlib"))
    assert answer.codes == ["forbidden"]
    assert answer.body["errors"][0]["path"] == ["uploadPackage"]


def test_a_key_that_only_reads_stages_nothing(api: Api, owner: Person) -> None:
    assert upload(api, owner.with_key(AccessMode.READ), package("zlib")).codes == ["forbidden"]
    assert upload(api, owner.with_key(AccessMode.READ_WRITE), package("zlib")).codes == []


def test_a_file_over_the_limit_is_refused(api: Api, owner: Person) -> None:
    large = Built("zlib-1.0-0.conda", b"x" * (INSTANCE.max_upload_bytes + 1), {})
    sent = parts(UPLOAD, {"channel": "lab"}, file=large)
    assert api.send(owner, "POST", **sent).status_code == 413


def test_too_much_text_and_too_many_files_are_refused(api: Api, owner: Person) -> None:
    text = parts(UPLOAD, {"channel": "x" * FORM_LIMITS.text_bytes}, file=package("zlib"))
    assert api.send(owner, "POST", **text).status_code == 413
    many = {f"file{number}": package("zlib") for number in range(FORM_LIMITS.parts)}
    assert api.send(owner, "POST", **parts(UPLOAD, {"channel": "lab"}, **many)).status_code == 413


def test_a_form_that_breaks_off_leaves_nothing(api: Api, owner: Person) -> None:
    built = package("zlib")
    query = json.dumps({"query": UPLOAD, "variables": {"channel": "lab", "file": None}})
    head = "\r\n".join(
        [
            "--b",
            'Content-Disposition: form-data; name="operations"',
            "",
            query,
            "--b",
            'Content-Disposition: form-data; name="map"',
            "",
            '{"file": ["variables.file"]}',
            "--b",
            f'Content-Disposition: form-data; name="file"; filename="{built.filename}"',
            "",
            "",
        ]
    )
    headers = {"content-type": "multipart/form-data; boundary=b"}
    cut = api.send(owner, "POST", content=head.encode() + built.data, headers=headers)
    assert cut.status_code == 400
    assert api.ask(owner, "{ packages { totalCount } }").data["packages"]["totalCount"] == 0


def test_a_part_that_the_map_does_not_name_is_refused(api: Api, owner: Person) -> None:
    sent = parts(UPLOAD, {"channel": "lab"}, file=package("zlib"))
    sent["files"].append(("more", ("png-1.0-0.conda", package("png").data)))
    assert api.send(owner, "POST", **sent).status_code == 400


def test_a_file_is_no_text_in_the_query(api: Api, owner: Person) -> None:
    assert api.ask(owner, UPLOAD, channel="lab", file="zlib").codes == ["invalid_request"]
    assert api.ask(owner, UPLOAD, channel="lab", file=None).codes == ["invalid_request"]
    literal = 'mutation { uploadPackage(channelName: "lab", file: "zlib") { filename } }'
    assert api.ask(owner, literal).codes == ["invalid_request"]


def test_staged_files_go_when_the_operation_is_refused(api: Api, owner: Person) -> None:
    for query in ("mutation { nothing", "query Q { viewer { login } } query R { nothing }"):
        sent = parts(query, {}, file=package("zlib"))
        assert api.send(owner, "POST", **sent).json()["data"] is None
