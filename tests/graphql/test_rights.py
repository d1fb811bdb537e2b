"""Who may change what: people, and the keys of an owner."""

import pytest

from graphrepo.access.policy import Role
from graphrepo.access.viewer import AccessMode
from tests.builders import package
from tests.graphql.asking import Answer, Api
from tests.graphql.documents import ADD, CREATE, CREATE_KEY, DELETE, DELETE_FILES, REMOVE, UPDATE
from tests.registry.world import Person, World

MAY: dict[str, list[str]] = {
    # the mutation                    who may, in the private channel
    "create": ["owner", "contributor", "reader", "stranger", "admin"],
    "update": ["owner", "admin"],
    "add": ["owner", "admin"],
    "remove": ["owner", "admin"],
    "files": ["owner", "admin"],
    "delete": ["owner", "admin"],
    "key": ["owner", "contributor", "reader", "stranger", "admin"],
}


def _attempt(api: Api, person: Person, mutation: str) -> Answer:
    entries = [{"subdir": "noarch", "filename": "zlib-1.0-0.conda"}]
    asked: dict[str, tuple[str, dict[str, object]]] = {
        "create": (CREATE, {"name": "another"}),
        "update": (UPDATE, {"name": "vault", "description": "new"}),
        "add": (ADD, {"user": "tom", "channel": "vault", "role": "OWNER"}),
        "remove": (REMOVE, {"user": "tom", "channel": "vault"}),
        "files": (DELETE_FILES, {"channel": "vault", "entries": entries}),
        "delete": (DELETE, {"name": "vault"}),
        "key": (CREATE_KEY, {"name": "new"}),
    }
    query, variables = asked[mutation]
    return api.ask(person, query, **variables)


@pytest.fixture
def people(
    world: World,
    owner: Person,
    contributor: Person,
    reader: Person,
    stranger: Person,
    admin: Person,
) -> dict[str, Person]:
    tom = world.person("tom")
    owner.add_member("vault", tom, Role.MEMBER)
    owner.publish("vault", package("zlib"))
    return {
        "owner": owner,
        "contributor": contributor,
        "reader": reader,
        "stranger": stranger,
        "admin": admin,
        "anonymous": world.nobody,
    }


@pytest.mark.parametrize(
    ("mutation", "who"), [(mutation, who) for mutation, allowed in MAY.items() for who in allowed]
)
def test_who_may_change_what(api: Api, people: dict[str, Person], mutation: str, who: str) -> None:
    assert _attempt(api, people[who], mutation).codes == []


def test_who_may_not(api: Api, people: dict[str, Person]) -> None:
    for mutation, allowed in MAY.items():
        for who in people.keys() - set(allowed):
            answer = _attempt(api, people[who], mutation)
            expected = "not_authenticated" if who == "anonymous" else "forbidden"
            assert (answer.body["data"], answer.codes) == (None, [expected]), (mutation, who)


@pytest.mark.parametrize("mutation", MAY)
def test_what_an_owners_key_may(api: Api, people: dict[str, Person], mutation: str) -> None:
    for mode in (AccessMode.READ, AccessMode.READ_WRITE, AccessMode.READ_WRITE_DELETE):
        key = people["owner"].with_key(mode)
        allowed = (mutation, mode) == ("files", AccessMode.READ_WRITE_DELETE)
        assert _attempt(api, key, mutation).codes == ([] if allowed else ["forbidden"])
    if mutation != "files":
        assert _attempt(api, people["owner"].with_key(AccessMode.ALL), mutation).codes == []


def test_a_key_of_another_channel_is_a_strangers(api: Api, people: dict[str, Person]) -> None:
    key = people["owner"].with_key(AccessMode.ALL, "lab")
    assert api.ask(key, '{ channel(name: "vault") { name } }').data["channel"] is None
    assert _attempt(api, key, "files").codes == ["forbidden"]
    answer = api.ask(key, UPDATE, name="lab", description="mine")
    assert answer.data["updateChannel"]["channel"]["description"] == "mine"


def test_refusals_do_not_tell_whether_a_private_channel_exists(
    api: Api, people: dict[str, Person]
) -> None:
    for who in ("stranger", "anonymous"):
        for mutation, query, variables in (
            ("delete", DELETE, {}),
            ("update", UPDATE, {"description": "new"}),
        ):
            there = api.ask(people[who], query, name="vault", **variables)
            missing = api.ask(people[who], query, name="nowhere", **variables)
            told = str(there.body).replace("vault", "nowhere")
            assert told == str(missing.body), mutation
