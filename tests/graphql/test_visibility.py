"""A private channel that the viewer may not read does not exist, in any field."""

import json

import pytest

from graphrepo.access.viewer import AccessMode
from tests.builders import package
from tests.graphql.asking import Api
from tests.registry.world import Person, World

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
