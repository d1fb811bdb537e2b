"""Background jobs over GraphQL."""

import pytest

from graphrepo.access.policy import Role
from graphrepo.access.viewer import AccessMode
from tests.builders import package
from tests.graphql.asking import ADDRESS, Api
from tests.registry.workers import do_all
from tests.registry.world import Person, World

JOB = """{ id type state total done failed createdAt startedAt finishedAt channelName startedBy
    channel { name } results { item ok files code message } }"""
DELETE = f"""mutation($channel: String!, $names: [String!]!) {{
    startBatchDeletePackages(channelName: $channel, packageNames: $names) {JOB} }}"""
COPY = f"""mutation($channel: String!, $packages: [PackageUrlInput!]!) {{
    copyPackagesFromUrls(channelName: $channel, packages: $packages) {JOB} }}"""
ONE = f"query($id: ID!) {{ backgroundJob(id: $id) {JOB} }}"
ACTIVE = f"""query($channel: String!, $type: BackgroundJobType!) {{
    activeBackgroundJob(channelName: $channel, jobType: $type) {JOB} }}"""
CONVERT = """mutation($wanted: Boolean) { updateChannel(name: "lab", convertTarBz2: $wanted) {
    channel { convertTarBz2 } } }"""


@pytest.mark.usefixtures("zlib")
def test_packages_are_deleted_in_a_job(api: Api, world: World, owner: Person) -> None:
    names = ["zlib", "nothing"]
    job = api.ask(owner, DELETE, channel="lab", names=names).data["startBatchDeletePackages"]
    assert (job["type"], job["state"], job["total"]) == ("DELETE_PACKAGES", "QUEUED", 2)
    assert (job["channelName"], job["channel"], job["startedBy"]) == ("lab", {"name": "lab"}, "ada")
    assert (job["startedAt"], job["finishedAt"], job["results"]) == (None, None, [])
    asked = {"channel": "lab", "type": "DELETE_PACKAGES"}
    assert api.ask(owner, ACTIVE, **asked).data["activeBackgroundJob"] == job
    do_all(world)
    assert api.ask(owner, ACTIVE, **asked).data["activeBackgroundJob"] is None
    ended = api.ask(owner, ONE, id=job["id"]).data["backgroundJob"]
    assert (ended["state"], ended["done"], ended["failed"]) == ("FAILED", 1, 1)
    assert ended["createdAt"] <= ended["startedAt"] <= ended["finishedAt"]
    gone, missing = ended["results"]
    assert gone == {
        "item": "zlib",
        "ok": True,
        "files": [
            "linux-64/zlib-1.10-0.conda",
            "linux-64/zlib-1.9-0.conda",
            "osx-64/zlib-1.10-0.conda",
        ],
        "code": None,
        "message": None,
    }
    assert (missing["ok"], missing["code"]) == (False, "not_found")
    assert api.ask(owner, '{ package(channelName: "lab", name: "zlib") { name } }').data == {
        "package": None
    }


def test_copies_from_this_server(api: Api, world: World, owner: Person) -> None:
    built = package("png")
    owner.publish("lab", built)
    path = f"/lab/noarch/{built.filename}"
    packages = [{"url": f"{ADDRESS}{path}", "sha256": built.sha256}]
    job = api.ask(owner, COPY, channel="vault", packages=packages).data["copyPackagesFromUrls"]
    assert job["type"] == "COPY_PACKAGES"
    do_all(world)
    ended = api.ask(owner, ONE, id=job["id"]).data["backgroundJob"]
    assert (ended["state"], [result["item"] for result in ended["results"]]) == ("DONE", [path])
    assert owner.download("vault", "noarch", built.filename) == built.data


def test_a_malformed_source_starts_nothing(api: Api, owner: Person) -> None:
    packages = [{"url": "ftp://elsewhere/a-1-0.conda", "sha256": "0" * 64}]
    assert api.ask(owner, COPY, channel="lab", packages=packages).codes == ["invalid_input"]
    asked = api.ask(owner, ACTIVE, channel="lab", type="COPY_PACKAGES")
    assert asked.data["activeBackgroundJob"] is None


def test_who_may_start_what(
    api: Api, world: World, owner: Person, contributor: Person, reader: Person, stranger: Person
) -> None:
    packages = [{"url": "/lab/noarch/png-1.0-0.conda", "sha256": "0" * 64}]
    for person, delete, copy in (
        (owner, [], []),
        (contributor, ["forbidden"], []),
        (reader, ["forbidden"], ["forbidden"]),
        (stranger, ["forbidden"], ["forbidden"]),
        (world.nobody, ["not_authenticated"], ["not_authenticated"]),
        (owner.with_key(AccessMode.READ_WRITE), ["forbidden"], []),
        (owner.with_key(AccessMode.READ_WRITE_DELETE), [], []),
        (owner.with_key(AccessMode.ALL, "lab"), ["forbidden"], ["forbidden"]),
    ):
        assert api.ask(person, DELETE, channel="vault", names=["a"]).codes == delete
        assert api.ask(person, COPY, channel="vault", packages=packages).codes == copy


def test_who_may_see_a_job(
    api: Api, owner: Person, contributor: Person, reader: Person, stranger: Person, admin: Person
) -> None:
    job = api.ask(owner, DELETE, channel="vault", names=["a"]).data["startBatchDeletePackages"]
    do_all(owner.world)
    seen = {
        person.login: api.ask(person, ONE, id=job["id"]).data["backgroundJob"]
        for person in (owner, contributor, reader, stranger, admin, owner.world.nobody)
    }
    assert {login for login, job in seen.items() if job} == {"ada", "carl", "root"}
    assert {login for login, job in seen.items() if job and job["results"]} == {"ada", "root"}


def test_what_is_no_id_is_no_job(api: Api, owner: Person) -> None:
    for ident in ("7", "0", "-1", "x", "", "٣", "9" * 30):
        assert api.ask(owner, ONE, id=ident).data == {"backgroundJob": None}


def test_owners_say_whether_twins_are_published(
    api: Api, world: World, owner: Person, contributor: Person
) -> None:
    assert api.ask(owner, '{ channel(name: "lab") { convertTarBz2 } }').data == {
        "channel": {"convertTarBz2": False}
    }
    assert api.ask(contributor, CONVERT, wanted=True).codes == ["forbidden"]
    told = api.ask(owner, CONVERT, wanted=True).data["updateChannel"]
    assert told == {"channel": {"convertTarBz2": True}}
    assert api.ask(owner, CONVERT).data["updateChannel"] == told
    contributor.publish("lab", package("png", extension="tar.bz2"))
    asked = {"channel": "lab", "type": "PUBLISH_TWINS"}
    job = api.ask(contributor, ACTIVE, **asked).data["activeBackgroundJob"]
    assert (job["startedBy"], job["total"]) == ("carl", 1)
    bea = world.person("bea")
    owner.add_member("lab", bea, Role.MEMBER)
    assert api.ask(bea, ACTIVE, **asked).data["activeBackgroundJob"] is None
