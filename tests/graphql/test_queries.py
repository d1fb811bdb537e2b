"""What can be asked, and what comes back."""

from datetime import timedelta

import pytest

from graphrepo.access.viewer import AccessMode
from tests.clocks import HandClock
from tests.graphql.asking import ADDRESS, Api
from tests.registry.world import Person, World


def test_nobody_is_no_viewer(api: Api, world: World) -> None:
    assert api.ask(world.nobody, "{ viewer { login } }").data == {"viewer": None}


def test_the_viewer_is_who_asks(api: Api, owner: Person, admin: Person) -> None:
    query = "{ viewer { login name isAdmin __typename } }"
    assert api.ask(owner, query).data == {
        "viewer": {"login": "ada", "name": "ada", "isAdmin": False, "__typename": "User"}
    }
    assert api.ask(admin, query).data["viewer"]["isAdmin"] is True
    key = owner.with_key(AccessMode.READ)
    assert api.ask(key, "{ viewer { login } }").data["viewer"]["login"] == "ada"


CHANNEL = """{ channel(name: "lab") {
        name description logo isPublic createdAt updatedAt revision baseUrl channelPath
        owner { name __typename ... on User { login isAdmin } } ownerLogin allowV3Uploads
        requiredChannels viewerRole
        subdirs { name artifactCount revision indexedAt }
        channelMembers { username role isOwner channelName channel { name } } } }"""
TOLD_OF_A_CHANNEL = {
    "name": "lab",
    "description": None,
    "logo": None,
    "isPublic": True,
    "createdAt": "2026-01-02T03:04:05.678000Z",
    "updatedAt": "2026-01-02T03:07:05.678000Z",
    "revision": 4,
    "baseUrl": f"{ADDRESS}/lab",
    "channelPath": "/lab",
    "owner": {"name": "ada", "__typename": "User", "login": "ada", "isAdmin": False},
    "ownerLogin": "ada",
    "allowV3Uploads": True,
    "requiredChannels": [],
    "viewerRole": "OWNER",
    "subdirs": [
        {
            "name": "linux-64",
            "artifactCount": 2,
            "revision": 2,
            "indexedAt": "2026-01-02T03:05:05.678000Z",
        },
        {
            "name": "noarch",
            "artifactCount": 1,
            "revision": 4,
            "indexedAt": "2026-01-02T03:07:05.678000Z",
        },
        {
            "name": "osx-64",
            "artifactCount": 1,
            "revision": 3,
            "indexedAt": "2026-01-02T03:06:05.678000Z",
        },
    ],
    "channelMembers": [
        {
            "username": "ada",
            "role": "OWNER",
            "isOwner": True,
            "channelName": "lab",
            "channel": {"name": "lab"},
        }
    ],
}


@pytest.mark.usefixtures("zlib")
def test_a_channel_tells_about_itself(api: Api, owner: Person) -> None:
    assert api.ask(owner, CHANNEL).data["channel"] == TOLD_OF_A_CHANNEL


def test_a_channel_without_files_has_an_index_nobody_changed(api: Api, owner: Person) -> None:
    query = '{ channel(name: "lab") { size subdirs { name size indexedAt } } }'
    assert api.ask(owner, query).data["channel"] == {
        "size": 0,
        "subdirs": [{"name": "noarch", "size": 0, "indexedAt": None}],
    }


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("limit: 501", "invalid_input"),
        ("limit: -1", "invalid_input"),
        ("page: -1", "invalid_input"),
        ("page: 9000000000000000000", "invalid_input"),
        ("page: 90000000000000000000", "invalid_request"),
        ("page: 1.5", "invalid_request"),
    ],
)
def test_a_page_that_cannot_be(api: Api, owner: Person, arguments: str, code: str) -> None:
    for field in ("channels", "packages"):
        assert api.ask(owner, f"{{ {field}({arguments}) {{ totalCount }} }}").codes == [code]


def test_an_empty_list_is_one_page(api: Api, owner: Person) -> None:
    query = '{ channels(filters: {name: {eq: "none"}}) { pages totalCount page { name } } }'
    assert api.ask(owner, query).data["channels"] == {"pages": 1, "totalCount": 0, "page": []}


def test_a_user_and_their_channels(api: Api, reader: Person) -> None:
    query = """query($roles: [ChannelMemberRole!]) { user(login: "rita") {
        login name channels(roles: $roles) { totalCount page { name viewerRole } } } }"""
    of_rita = api.ask(reader, query).data["user"]["channels"]
    assert of_rita == {
        "totalCount": 2,
        "page": [
            {"name": "lab", "viewerRole": "VIEWER"},
            {"name": "vault", "viewerRole": "VIEWER"},
        ],
    }
    assert api.ask(reader, query, roles=["OWNER"]).data["user"]["channels"]["totalCount"] == 0
    assert api.ask(reader, query, roles=["MEMBER"]).data["user"]["channels"]["totalCount"] == 2


def test_keys_are_listed_without_their_tokens(api: Api, owner: Person, clock: HandClock) -> None:
    owner.with_key(AccessMode.READ_WRITE, "vault")
    clock.advance(timedelta(minutes=1))
    owner.with_key(AccessMode.ALL)
    query = """{ apiKeys { key name accessMode channel { name } createdAt expiresAt lastUsedAt
        revokedAt description } }"""
    everywhere, vault = api.ask(owner, query).data["apiKeys"]
    assert everywhere["channel"] is None
    assert everywhere["accessMode"] == "ALL"
    assert vault == {
        "key": None,
        "name": "read_write-vault",
        "accessMode": "READ_WRITE",
        "channel": {"name": "vault"},
        "createdAt": "2026-01-02T03:04:05.678000Z",
        "expiresAt": None,
        "lastUsedAt": "2026-01-02T03:04:05.678000Z",
        "revokedAt": None,
        "description": None,
    }


def test_the_installation_tells_about_itself(api: Api, world: World) -> None:
    query = "{ instanceConfig { name version baseUrl maxUploadBytes } }"
    assert api.ask(world.nobody, query).data["instanceConfig"] == {
        "name": "graphrepo",
        "version": "1.2.3",
        "baseUrl": ADDRESS,
        "maxUploadBytes": 1_000_000,
    }
