"""A private channel that the viewer may not read does not exist, in any field."""

import json

import pytest

from graphrepo.access.policy import Role
from graphrepo.access.viewer import AccessMode
from tests.builders import package
from tests.graphql.asking import Api
from tests.graphql.test_statements_of_fields import CASES
from tests.registry.world import Person, World

SECRETS = """mutation {
    createChannelNotice(channelName: "hideout", message: "Here", level: INFO,
        expiresAt: "2030-01-01T00:00:00Z") { id }
    addGoogleOidcPublisher(channelName: "hideout", email: "a@b.org") { id }
    startBatchDeletePackages(channelName: "hideout", packageNames: ["open"]) { id }
    updateChannel(name: "hideout", channelRelationBase: "lab") { name } }"""
WITHDRAWN = """mutation { applyQuarantine(action: DELETE, reason: "Bad",
    matchSpec: "open ==3.0") { dryRun } }"""
"""What happens in a channel that nobody else is to hear of."""

EVERYTHING = """{
    channel(name: "vault") { name }
    package(channelName: "vault", name: "secret") { name }
    variant(channelName: "vault", packageName: "secret", platformName: "noarch",
        fileName: "secret-1.0-0.conda") { filename }
    channels { totalCount page { name } }
    packages { totalCount page { name channel { name } } }
    user(login: "ada") { channels { totalCount page { name } } }
    apiKeys { channel { name } } }"""


@pytest.fixture(autouse=True)
def secret(owner: Person) -> None:
    owner.publish("vault", package("secret"))
    owner.publish("lab", package("open"))


@pytest.mark.parametrize("who", ["anonymous", "stranger", "key elsewhere"])
def test_strangers_see_nothing_of_it(
    api: Api, world: World, owner: Person, stranger: Person, who: str
) -> None:
    people = {
        "anonymous": world.nobody,
        "stranger": stranger,
        "key elsewhere": owner.with_key(AccessMode.ALL, "lab"),
    }
    data = api.ask(people[who], EVERYTHING).data
    assert "vault" not in json.dumps(data)
    assert "secret" not in json.dumps(data)
    assert data["channels"] == {"totalCount": 1, "page": [{"name": "lab"}]}
    assert data["packages"]["totalCount"] == 1
    assert data["user"]["channels"]["totalCount"] == 1


@pytest.mark.parametrize("who", ["owner", "contributor", "reader", "admin"])
def test_members_and_administrators_see_it(
    api: Api, owner: Person, contributor: Person, reader: Person, admin: Person, who: str
) -> None:
    people = {"owner": owner, "contributor": contributor, "reader": reader, "admin": admin}
    data = api.ask(people[who], EVERYTHING).data
    assert data["channel"] == {"name": "vault"}
    assert data["package"] == {"name": "secret"}
    assert data["variant"] == {"filename": "secret-1.0-0.conda"}
    assert data["channels"]["totalCount"] == 2
    assert data["packages"]["totalCount"] == 2
    assert data["user"]["channels"]["totalCount"] == 2


def test_what_is_unknown_is_null(api: Api, owner: Person) -> None:
    query = """{
        channel(name: "nowhere") { name }
        user(login: "nobody") { login }
        a: package(channelName: "lab", name: "nothing") { name }
        b: package(channelName: "nowhere", name: "open") { name }
        c: variant(channelName: "lab", packageName: "other", platformName: "noarch",
            fileName: "open-1.0-0.conda") { filename }
        d: variant(channelName: "lab", packageName: "open", platformName: "noarch",
            fileName: "open-2.0-0.conda") { filename } }"""
    assert set(api.ask(owner, query).data.values()) == {None}


def test_members_are_shown_to_members(api: Api, owner: Person, world: World) -> None:
    query = '{ channel(name: "lab") { viewerRole owner { name } channelMembers { username } } }'
    assert api.ask(owner, query).data["channel"]["channelMembers"] == [{"username": "ada"}]
    assert api.ask(world.nobody, query).data["channel"] == {
        "viewerRole": None,
        "owner": {"name": "ada"},
        "channelMembers": [],
    }


def test_the_channel_of_a_key_vanishes_with_the_membership(
    api: Api, owner: Person, reader: Person, world: World
) -> None:
    reader.with_key(AccessMode.READ, "vault")
    query = "{ apiKeys { name channel { name } } }"
    assert api.ask(reader, query).data["apiKeys"][0]["channel"] == {"name": "vault"}
    world.run(world.registry.members.remove(owner.viewer, "vault", "rita"))
    assert api.ask(reader, query).data["apiKeys"][0]["channel"] is None


SEARCHES = (
    "packages(orderBy: {bySimilarity: {field: NAME, matches: $t}}) { page { similarityScore } }",
    "packages(orderBy: {bySimilarity: {field: NAME, matches: $t}}) { totalCount page { name } }",
    "channels(orderBy: {bySimilarity: {field: NAME, matches: $t}}) { totalCount page { name } }",
    "channels(filters: {name: {contains: $t}}) { totalCount pages }",
    "packages(filters: {name: {contains: $t}}) { totalCount pages }",
    "paths(pattern: $t) { totalCount page { filename } }",
    "packageByMatchspec(matchSpec: $t) { name channel { name } }",
    "variantsByMatchspec(matchSpec: $t) { totalCount }",
    "events(filters: {channelName: {contains: $t}}) { totalCount }",
    "backgroundJobs(filters: {channelName: {contains: $t}}) { totalCount }",
)


def test_a_server_with_a_secret_looks_like_one_without(
    api: Api, world: World, owner: Person, stranger: Person, admin: Person
) -> None:
    """Everything that the schema has is asked for before a channel is made, and after."""
    stranger.create_channel("den")
    vera = world.person("vera")
    people = (world.nobody, stranger, owner.with_key(AccessMode.ALL, "lab"))
    texts = ("hideout", "treasure", "open")
    questions: list[tuple[str, dict[str, str]]] = [(case.query, {}) for case in CASES]
    questions += [
        (f"query($t: String!) {{ {search} }}", {"t": text}) for search in SEARCHES for text in texts
    ]

    def answers() -> list[object]:
        return [
            api.ask(person, query, **given).body for person in people for query, given in questions
        ]

    before = answers()
    vera.create_channel("hideout", is_public=False)
    for built in (package("treasure"), package("open", "2.0"), package("open", "3.0")):
        vera.publish("hideout", built)
    vera.add_member("hideout", owner, Role.OWNER)
    vera.with_key(AccessMode.READ, "hideout")
    assert api.ask(vera, SECRETS).codes == api.ask(admin, WITHDRAWN).codes == []
    for question, earlier, later in zip(questions * len(people), before, answers(), strict=True):
        assert earlier == later, question
