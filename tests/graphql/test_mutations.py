"""What can be changed, and by whom."""

from datetime import timedelta

from graphrepo.access.viewer import AccessMode
from graphrepo.registry.requests import ListQuery
from graphrepo.registry.views import Window
from tests.builders import package
from tests.clocks import HandClock
from tests.graphql.asking import Answer, Api
from tests.graphql.documents import ADD, CREATE, CREATE_KEY, DELETE, DELETE_FILES, REMOVE, UPDATE
from tests.registry.world import Person, World


def test_whoever_creates_a_channel_owns_it(api: Api, stranger: Person) -> None:
    made = api.ask(stranger, CREATE, name="mine", description="My things").data["createChannel"]
    assert made == {
        "name": "mine",
        "description": "My things",
        "isPublic": True,
        "createdAt": "2026-01-02T03:04:05.678000Z",
        "updatedAt": "2026-01-02T03:04:05.678000Z",
        "requiredChannels": [],
        "channel": {"name": "mine", "logo": None, "viewerRole": "OWNER", "allowV3Uploads": True},
    }


def test_a_channel_is_created_as_asked(api: Api, stranger: Person) -> None:
    asked = {"isPublic": False, "logo": "https://logo.test/a.svg", "allowV3Uploads": False}
    made = api.ask(stranger, CREATE, name="mine", **asked).data["createChannel"]
    assert made["isPublic"] is False
    assert made["channel"]["logo"] == "https://logo.test/a.svg"
    assert made["channel"]["allowV3Uploads"] is False


def test_a_channel_is_changed_as_far_as_asked(api: Api, owner: Person) -> None:
    def changed(**values: object) -> dict[str, object]:
        return api.ask(owner, UPDATE, name="lab", **values).data["updateChannel"]["channel"]

    first = changed(description="A lab", logo="https://logo.test/a.svg")
    assert first["description"] == "A lab"
    second = changed(isPublic=False, allowV3Uploads=False)
    assert second == {**first, "isPublic": False, "allowV3Uploads": False}
    assert changed(description="", logo=None) == {**second, "description": None}


def test_a_deleted_channel_is_shown_as_it_last_was(api: Api, owner: Person) -> None:
    owner.publish("vault", package("zlib"))
    gone = api.ask(owner, DELETE, name="vault").data["deleteChannel"]
    assert gone == {
        "name": "vault",
        "channel": {
            "name": "vault",
            "size": 0,
            "packages": {"totalCount": 0},
            "subdirs": [],
            "channelMembers": [],
        },
    }
    assert api.ask(owner, '{ channel(name: "vault") { name } }').data["channel"] is None


def test_members_come_change_and_go(api: Api, owner: Person, stranger: Person) -> None:
    def added(role: str) -> object:
        answer = api.ask(owner, ADD, user="sam", channel="vault", role=role)
        return answer.data["addChannelMember"]

    member = {"username": "sam", "channelName": "vault", "channel": {"name": "vault"}}
    assert added("MEMBER") == {**member, "role": "VIEWER", "isOwner": False}
    assert added("VIEWER") == {**member, "role": "VIEWER", "isOwner": False}
    assert added("CONTRIBUTOR") == {**member, "role": "CONTRIBUTOR", "isOwner": False}
    assert added("OWNER") == {**member, "role": "OWNER", "isOwner": True}
    # Who leaves a private channel sees it for the last time in this answer.
    left = api.ask(stranger, REMOVE, user="sam", channel="vault").data["deleteChannelMember"]
    assert left == {"username": "sam", "role": "OWNER", "channel": {"name": "vault"}}
    assert api.ask(stranger, '{ channel(name: "vault") { name } }').data["channel"] is None


def test_a_channel_keeps_an_owner(api: Api, owner: Person) -> None:
    assert api.ask(owner, REMOVE, user="ada", channel="lab").codes == ["last_owner"]
    assert api.ask(owner, ADD, user="ada", channel="lab", role="VIEWER").codes == ["last_owner"]


def test_the_token_of_a_key_is_told_once(api: Api, owner: Person, world: World) -> None:
    made = api.ask(
        owner,
        CREATE_KEY,
        name="ci",
        description="For CI",
        expiresAt="2027-01-01T00:00:00+01:00",
        mode="READ_WRITE",
        channel="vault",
    ).data["createApiKey"]
    token = made.pop("key")
    assert made == {
        "name": "ci",
        "description": "For CI",
        "expiresAt": "2026-12-31T23:00:00Z",
        "accessMode": "READ_WRITE",
        "channel": {"name": "vault"},
    }
    viewer = world.run(world.registry.accounts.viewer_of_token(token))
    assert (viewer.login, viewer.key and viewer.key.mode) == ("ada", AccessMode.READ_WRITE)
    assert api.ask(owner, "{ apiKeys { key name } }").data["apiKeys"] == [
        {"key": None, "name": "ci"}
    ]


def test_a_key_may_do_everything_unless_it_is_limited(api: Api, owner: Person) -> None:
    assert api.ask(owner, CREATE_KEY, name="ci").data["createApiKey"]["accessMode"] == "ALL"


def test_keys_are_revoked_and_deleted(api: Api, owner: Person, world: World) -> None:
    token = api.ask(owner, CREATE_KEY, name="ci").data["createApiKey"]["key"]
    assert api.ask(owner, 'mutation { revokeApiKey(name: "ci") }').data == {"revokeApiKey": True}
    assert world.run(world.registry.accounts.viewer_of_token(token)).is_anonymous
    assert api.ask(owner, "{ apiKeys { revokedAt } }").data["apiKeys"] == [
        {"revokedAt": "2026-01-02T03:04:05.678000Z"}
    ]
    assert api.ask(owner, 'mutation { deleteApiKey(name: "ci") }').data == {"deleteApiKey": True}
    assert api.ask(owner, "{ apiKeys { name } }").data["apiKeys"] == []
    for mutation in ("revokeApiKey", "deleteApiKey"):
        assert api.ask(owner, f'mutation {{ {mutation}(name: "ci") }}').codes == ["not_found"]


def test_files_are_deleted_together_or_not_at_all(api: Api, owner: Person) -> None:
    for name in ("zlib", "png"):
        owner.publish("lab", package(name))
    zlib = {"subdir": "noarch", "filename": "zlib-1.0-0.conda"}
    png = {"subdir": "noarch", "filename": "png-1.0-0.conda"}
    absent = {"subdir": "noarch", "filename": "absent-1.0-0.conda"}

    def delete(*entries: dict[str, str]) -> Answer:
        return api.ask(owner, DELETE_FILES, channel="lab", entries=entries)

    assert delete(zlib, absent).codes == ["not_found"]
    count = '{ channel(name: "lab") { revision packages { totalCount } } }'
    assert api.ask(owner, count).data["channel"] == {"revision": 2, "packages": {"totalCount": 2}}
    assert delete(zlib, png).data == {"batchDeletePackageVariants": True}
    assert api.ask(owner, count).data["channel"] == {"revision": 3, "packages": {"totalCount": 0}}


def test_each_mutation_of_a_document_sees_what_the_one_before_did(api: Api, owner: Person) -> None:
    answer = api.ask(
        owner,
        """mutation {
            a: updateChannel(name: "lab", description: "one") { channel { description } }
            b: updateChannel(name: "lab", description: "two") { channel { description } }
            c: deleteChannel(name: "lab") { channel { description } }
            d: createChannel(name: "lab") { channel { description subdirs { name } } } }""",
    )
    seen = [found["channel"]["description"] for found in answer.data.values()]
    assert seen == ["one", "two", "two", None]


def test_a_moment_needs_an_offset(api: Api, owner: Person, clock: HandClock) -> None:
    later = (clock.now + timedelta(days=1)).replace(tzinfo=None)
    for moment in (later.isoformat(), "2027-01-01", "tomorrow", "2027-02-30T00:00:00Z", 5):
        answer = api.ask(owner, CREATE_KEY, name="ci", expiresAt=moment)
        assert answer.codes == ["invalid_request"], moment
    passed = api.ask(owner, CREATE_KEY, name="ci", expiresAt="2020-01-01T00:00:00Z")
    assert passed.codes == ["invalid_input"]


def test_domain_failures_tell_code_path_and_place(api: Api, owner: Person) -> None:
    answer = api.ask(owner, 'mutation { made: createChannel(name: "lab") { name } }')
    assert answer.body == {
        "data": None,
        "errors": [
            {
                "message": "The channel name lab is taken; choose another.",
                "locations": [{"line": 1, "column": 12}],
                "path": ["made"],
                "extensions": {"code": "already_exists"},
            }
        ],
    }


def test_a_failure_leaves_what_was_done_before_it(api: Api, owner: Person, world: World) -> None:
    query = (
        'mutation { a: createChannel(name: "new") { name } b: createChannel(name: "T") { name } }'
    )
    assert api.ask(owner, query).codes == ["invalid_channel_name"]
    page = world.run(world.registry.channels.page(owner.viewer, ListQuery(Window(10))))
    assert [channel.name for channel in page.items] == ["lab", "new", "vault"]
