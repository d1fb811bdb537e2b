"""Who there is, who owns what, and what the viewer may do where."""

from graphrepo.access.viewer import AccessMode
from tests.graphql.asking import Api
from tests.registry.world import Person, World

TRANSFER = """mutation($c: String!, $u: String!) { transferChannelOwnership(
    channelName: $c, newOwnerUsername: $u) { name channel { ownerLogin namespace { name }
    viewerRole channelMembers { username role } } } }"""
ACCESS = """query($c: String!) { channelManageAccess(channelName: $c)
    channelLifecycleAccess(channelName: $c) }"""
USERS = """query($f: UserFilter, $o: UserOrderBy, $limit: Int, $page: Int) {
    users(filters: $f, orderBy: $o, limit: $limit, page: $page) {
        totalCount pages current page { login name isAdmin channels { totalCount } } } }"""
CANDIDATES = """query($m: ChannelAccessMode, $f: ChannelFilter, $limit: Int) {
    apiKeyChannelCandidates(accessMode: $m, filters: $f, limit: $limit) {
        totalCount page { name } } }"""


def test_a_channel_is_transferred(api: Api, owner: Person, stranger: Person) -> None:
    assert stranger
    moved = api.ask(owner, TRANSFER, c="vault", u="sam").data["transferChannelOwnership"]
    assert moved == {
        "name": "vault",
        "channel": {
            "ownerLogin": "sam",
            "namespace": {"name": "sam"},
            "viewerRole": "CONTRIBUTOR",
            "channelMembers": [
                {"username": "sam", "role": "OWNER"},
                {"username": "ada", "role": "CONTRIBUTOR"},
            ],
        },
    }
    assert api.ask(owner, TRANSFER, c="vault", u="sam").codes == ["forbidden"]


def test_a_transfer_needs_a_user_and_the_right(
    api: Api, owner: Person, contributor: Person, stranger: Person, world: World
) -> None:
    assert api.ask(owner, TRANSFER, c="lab", u="nemo").codes == ["not_found"]
    for person in (contributor, stranger):
        assert api.ask(person, TRANSFER, c="lab", u="sam").codes == ["forbidden"]
    assert api.ask(world.nobody, TRANSFER, c="lab", u="sam").codes == ["not_authenticated"]
    there = api.ask(stranger, TRANSFER, c="vault", u="sam").messages
    missing = api.ask(stranger, TRANSFER, c="nowhere", u="sam").messages
    assert [text.replace("vault", "nowhere") for text in there] == missing


def test_access_is_told_before_it_is_tried(
    api: Api, owner: Person, contributor: Person, admin: Person, world: World
) -> None:
    yes = {"channelManageAccess": True, "channelLifecycleAccess": True}
    no = dict.fromkeys(yes, False)
    assert api.ask(owner, ACCESS, c="vault").data == yes
    assert api.ask(admin, ACCESS, c="vault").data == yes
    key = owner.with_key(AccessMode.READ_WRITE_DELETE)
    for person in (contributor, world.nobody, key):
        assert api.ask(person, ACCESS, c="vault").data == no
    assert api.ask(admin, ACCESS, c="nowhere").data == no


def test_users_are_listed_as_far_as_they_are_known(
    api: Api, contributor: Person, stranger: Person, admin: Person, world: World
) -> None:
    def logins(person: Person, **asked: object) -> list[str]:
        found = api.ask(person, USERS, **asked).data["users"]
        return [user["login"] for user in found["page"]]

    assert contributor
    assert logins(admin) == ["ada", "carl", "root", "sam"]
    assert logins(contributor) == ["ada", "carl"]
    assert logins(stranger) == ["sam"]
    assert logins(world.nobody) == []
    newest = {"byField": {"field": "CREATED_AT", "direction": "DESC"}}
    assert logins(admin, f={"isAdmin": False}, o=newest, limit=2, page=1) == ["sam"]
    assert logins(admin, f={"or": [{"login": {"eq": "ada"}}, {"isAdmin": True}]}) == ["ada", "root"]
    by_login = {"byField": {"field": "LOGIN", "direction": "DESC"}}
    assert logins(admin, o=by_login, limit=1) == ["sam"]


def test_owners_are_namespaces_too(api: Api, owner: Person, stranger: Person) -> None:
    stranger.create_channel("den", is_public=False)
    query = "{ channelOwners { name ... on User { login } } channelNamespaces { name } }"
    assert api.ask(owner, query).data == {
        "channelOwners": [{"name": "ada", "login": "ada"}],
        "channelNamespaces": [{"name": "ada"}],
    }
    assert len(api.ask(stranger, query).data["channelOwners"]) == 2
    shown = '{ channel(name: "lab") { namespace { name } isPrimary mirror { url } } }'
    assert api.ask(stranger, shown).data["channel"] == {
        "namespace": {"name": "ada"},
        "isPrimary": True,
        "mirror": None,
    }


def test_channels_are_found_by_namespace_owner_and_mirror(api: Api, owner: Person) -> None:
    def names(**filters: object) -> list[str]:
        query = "query($f: ChannelFilter) { channels(filters: $f) { page { name } } }"
        return [each["name"] for each in api.ask(owner, query, f=filters).data["channels"]["page"]]

    assert names(namespace={"eq": "ada"}, hasOwner=True, hasMirror=False) == ["lab", "vault"]
    assert names(namespace={"ne": "ada"}) == names(hasOwner=False) == names(hasMirror=True) == []
    for field in ("NAMESPACE", "BILLING_OWNER"):
        ordered = "{ channels(orderBy: {byField: {field: %s, direction: ASC}}) { totalCount } }"
        assert api.ask(owner, ordered % field).data["channels"]["totalCount"] == 2


def test_keys_are_offered_the_channels_they_fit(
    api: Api, owner: Person, contributor: Person, world: World
) -> None:
    def names(person: Person, **asked: object) -> list[str]:
        found = api.ask(person, CANDIDATES, **asked).data["apiKeyChannelCandidates"]
        return [channel["name"] for channel in found["page"]]

    assert names(owner) == ["lab", "vault"]
    assert names(owner, f={"isPublic": False}) == ["vault"]
    assert names(contributor, m="READ_WRITE", limit=1) == ["lab"]
    assert names(contributor) == names(world.nobody, m="READ") == []


def test_a_login_is_told_to_be_free(api: Api, owner: Person, world: World) -> None:
    assert owner
    query = "query($n: String!) { ownerNameAvailable(name: $n) }"
    for name, expected in (("ada", False), ("eve", True), ("no good", False)):
        assert api.ask(world.nobody, query, n=name).data == {"ownerNameAvailable": expected}
