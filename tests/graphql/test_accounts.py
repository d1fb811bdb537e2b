"""Accounts over GraphQL: created, changed, disabled; one's own password."""

from dataclasses import replace
from datetime import timedelta

import pytest

from graphrepo.access.policy import Role
from graphrepo.access.tokens import token_digest
from graphrepo.access.viewer import ANONYMOUS, AccessMode
from graphrepo.errors import WrongCredentialsError
from graphrepo.registry.requests import NewApiKey
from tests.clocks import HandClock
from tests.graphql.asking import Api
from tests.registry.world import Person, World

CREATE = """mutation($login: String!, $password: String, $admin: Boolean) {
    createUser(login: $login, password: $password, isAdmin: $admin) {
        login name isAdmin isDisabled createdAt channels { totalCount } } }"""
UPDATE = """mutation($login: String!, $admin: Boolean, $disabled: Boolean, $password: String) {
    updateUser(login: $login, isAdmin: $admin, isDisabled: $disabled, password: $password) {
        login isAdmin isDisabled } }"""
CHANGE = """mutation($now: String!, $new: String!) {
    changePassword(currentPassword: $now, newPassword: $new) }"""


def signed_in(world: World, login: str, password: str) -> tuple[Person, str]:
    """Return the person of a new session, and its secret."""
    secret, _ = world.run(world.registry.accounts.login(login, password))
    viewer = world.run(world.registry.accounts.viewer_of_session(secret))
    return Person(world, viewer), secret


def is_good(world: World, secret: str) -> bool:
    return world.run(world.registry.accounts.viewer_of_session(secret)) != ANONYMOUS


def test_administrators_create_users(api: Api, world: World, admin: Person) -> None:
    made = api.ask(admin, CREATE, login="eve", password="correct horse").data["createUser"]
    assert made == {
        "login": "eve",
        "name": "eve",
        "isAdmin": False,
        "isDisabled": False,
        "createdAt": "2026-01-02T03:04:05.678000Z",
        "channels": {"totalCount": 0},
    }
    assert signed_in(world, "eve", "correct horse")[0].login == "eve"
    assert api.ask(admin, CREATE, login="bot", admin=True).data["createUser"]["isAdmin"]
    assert api.ask(admin, CREATE, login="eve").codes == ["already_exists"]
    assert api.ask(admin, CREATE, login="No Good").codes == ["invalid_input"]
    assert api.ask(admin, CREATE, login="zoe", password="short").codes == ["invalid_input"]


def test_a_disabled_user_can_do_nothing_until_enabled(
    api: Api, world: World, admin: Person
) -> None:
    api.ask(admin, CREATE, login="eve", password="correct horse")
    eve, secret = signed_in(world, "eve", "correct horse")
    _, token = world.run(world.registry.keys.create(eve.viewer, NewApiKey("ci")))
    assert api.ask(admin, UPDATE, login="eve", disabled=True).data["updateUser"] == {
        "login": "eve",
        "isAdmin": False,
        "isDisabled": True,
    }
    assert not is_good(world, secret)
    accounts = world.registry.accounts
    assert world.run(accounts.viewer_of_token(token)) == ANONYMOUS
    with pytest.raises(WrongCredentialsError):
        signed_in(world, "eve", "correct horse")
    disabled = "{ users(filters: {isDisabled: true}) { page { login isDisabled } } }"
    assert [user["login"] for user in api.ask(admin, disabled).data["users"]["page"]] == ["eve"]
    api.ask(admin, UPDATE, login="eve", disabled=False)
    assert not is_good(world, secret)
    assert world.run(accounts.viewer_of_token(token)).login == "eve"


def test_a_new_password_ends_the_sessions_of_the_old(api: Api, world: World, admin: Person) -> None:
    api.ask(admin, CREATE, login="eve", password="correct horse")
    _, secret = signed_in(world, "eve", "correct horse")
    api.ask(admin, UPDATE, login="eve", admin=True)
    assert is_good(world, secret)
    assert api.ask(admin, UPDATE, login="eve", password="short").codes == ["invalid_input"]
    api.ask(admin, UPDATE, login="eve", password="battery staple")
    assert not is_good(world, secret)
    eve, _ = signed_in(world, "eve", "battery staple")
    assert eve.viewer.is_admin
    assert api.ask(admin, UPDATE, login="nemo", admin=True).codes == ["not_found"]


def test_the_server_keeps_an_administrator(api: Api, admin: Person) -> None:
    for change in ({"admin": False}, {"disabled": True}):
        answer = api.ask(admin, UPDATE, login="root", **change)
        assert answer.codes == ["last_administrator"]
        assert answer.messages == ["root is the only administrator; make somebody else one first."]
    api.ask(admin, CREATE, login="eve", admin=True)
    assert api.ask(admin, UPDATE, login="root", disabled=True).codes == []
    assert api.ask(admin, UPDATE, login="eve", admin=False).codes == ["last_administrator"]


def test_people_change_their_own_password(api: Api, world: World, admin: Person) -> None:
    api.ask(admin, CREATE, login="eve", password="correct horse")
    here, kept = signed_in(world, "eve", "correct horse")
    _, other = signed_in(world, "eve", "correct horse")
    wrong = api.ask(here, CHANGE, now="wrong horse", new="battery staple")
    assert wrong.codes == ["wrong_credentials"]
    assert api.ask(here, CHANGE, now="correct horse", new="short").codes == ["invalid_input"]
    assert api.ask(here, CHANGE, now="correct horse", new="battery staple").data == {
        "changePassword": True
    }
    assert is_good(world, kept)
    assert not is_good(world, other)
    by_key = here.with_key(AccessMode.ALL)
    assert api.ask(by_key, CHANGE, now="battery staple", new="one more time").codes == []
    assert not is_good(world, kept)


def test_nobody_changes_the_password_of_no_account(
    api: Api, world: World, admin: Person, stranger: Person
) -> None:
    asked = {"now": "correct horse", "new": "battery staple"}
    assert api.ask(world.nobody, CHANGE, **asked).codes == ["not_authenticated"]
    limited = stranger.with_key(AccessMode.READ_WRITE_DELETE)
    assert api.ask(limited, CHANGE, **asked).codes == ["forbidden"]
    assert api.ask(world.operator, CHANGE, **asked).codes == ["forbidden"]
    assert api.ask(stranger, CHANGE, **asked).codes == ["wrong_credentials"]  # has none
    gone = replace(admin, viewer=replace(admin.viewer, user_id=999))
    assert api.ask(gone, CHANGE, **asked).codes == ["wrong_credentials"]


EVENTS = """query($f: EventFilter, $from: DateTime, $to: DateTime, $limit: Int, $page: Int) {
    events(filters: $f, createdAtFrom: $from, createdAtTo: $to, limit: $limit, page: $page) {
        totalCount pages page { id createdAt actor action revision channelName channel { name }
            details } } }"""


def actions(api: Api, person: Person, **asked: object) -> list[str]:
    found = api.ask(person, EVENTS, **asked).data["events"]
    return [f"{event['actor']} {event['action']}" for event in found["page"]]


def test_administrators_read_the_whole_audit_log(
    api: Api, admin: Person, contributor: Person
) -> None:
    assert contributor
    assert actions(api, admin, limit=2) == ["ada set_member", "ada set_member"]
    first = api.ask(admin, EVENTS, f={"action": {"eq": "create_channel"}}, limit=1)
    assert first.data["events"]["page"][0] == {
        "id": "4",
        "createdAt": "2026-01-02T03:04:05.678000Z",
        "actor": "ada",
        "action": "create_channel",
        "revision": 0,
        "channelName": "vault",
        "channel": {"name": "vault"},
        "details": {"owner": "ada"},
    }
    people = {"or": [{"action": {"eq": "create_user"}}]}
    assert actions(api, admin, f=people) == ["the operator create_user"] * 3
    server = api.ask(admin, EVENTS, f=people, limit=1).data["events"]["page"][0]
    assert (server["channelName"], server["channel"]) == (None, None)


def test_owners_read_what_happened_in_their_channels(
    api: Api, world: World, owner: Person, contributor: Person, stranger: Person
) -> None:
    assert set(actions(api, owner)) == {"ada create_channel", "ada set_member"}
    assert actions(api, owner, f={"channelName": {"eq": "lab"}}) == [
        "ada set_member",
        "ada create_channel",
    ]
    key = owner.with_key(AccessMode.ALL, "lab")
    assert len(actions(api, key)) == 2
    limited = owner.with_key(AccessMode.READ_WRITE_DELETE)
    for person in (contributor, stranger, limited, world.nobody):
        assert api.ask(person, EVENTS).data["events"]["totalCount"] == 0


def test_a_later_owner_of_a_name_reads_nothing_of_the_former(
    api: Api, world: World, owner: Person, stranger: Person
) -> None:
    world.run(world.registry.channels.delete(owner.viewer, "vault"))
    stranger.create_channel("vault")
    assert actions(api, stranger) == ["sam create_channel"]
    assert "delete_channel" not in str(actions(api, stranger))


def test_the_audit_log_is_cut_by_time(api: Api, admin: Person, owner: Person) -> None:
    assert owner
    now = "2026-01-02T03:04:05.678Z"
    assert len(actions(api, admin, **{"from": now, "to": now})) == 4
    assert actions(api, admin, **{"from": "2026-01-02T03:04:06Z"}) == []
    assert actions(api, admin, to="2026-01-02T03:04:05Z") == []


JOBS = """query($f: BackgroundJobFilter, $limit: Int) { backgroundJobs(filters: $f, limit: $limit) {
    totalCount page { id type state channelName startedBy total results { item } } } }"""
DELETE = """mutation($c: String!) {
    startBatchDeletePackages(channelName: $c, packageNames: ["zlib"]) { id } }"""


def test_jobs_are_listed_to_those_who_may_see_each(
    api: Api, zlib: None, world: World, admin: Person, owner: Person, contributor: Person
) -> None:
    assert zlib is None
    stranger = world.person("sam")
    owner.add_member("lab", stranger, Role.OWNER)
    for person in (owner, stranger):
        assert api.ask(person, DELETE, c="lab").codes == []

    def starters(person: Person, **asked: object) -> list[str]:
        found = api.ask(person, JOBS, **asked).data["backgroundJobs"]
        assert found["totalCount"] >= len(found["page"])
        return [job["startedBy"] for job in found["page"]]

    assert starters(admin) == starters(owner) == starters(contributor) == ["sam", "ada"]
    owner.add_member("lab", stranger, Role.MEMBER)
    assert starters(stranger) == ["sam"]
    limited = stranger.with_key(AccessMode.ALL, "lab")
    for person in (limited, world.nobody, owner.with_key(AccessMode.READ, "vault")):
        assert starters(person) == []
    assert starters(owner.with_key(AccessMode.READ)) == ["ada"]
    assert starters(admin, limit=1) == ["sam"]
    filters: list[dict[str, object]] = [
        {"type": "DELETE_PACKAGES", "state": "QUEUED", "startedBy": {"eq": "ada"}},
        {"channelName": {"eq": "lab"}, "and": [{"startedBy": {"ne": "sam"}}]},
    ]
    for each in filters:
        assert starters(admin, f=each) == ["ada"]
    assert starters(admin, f={"state": "DONE"}) == []


SESSIONS = "{ sessions { id createdAt expiresAt isCurrent } }"
END = "mutation($id: ID!) { endSession(id: $id) }"


def test_people_see_and_end_their_sessions(api: Api, world: World, admin: Person) -> None:
    api.ask(admin, CREATE, login="eve", password="correct horse")
    here, kept = signed_in(world, "eve", "correct horse")
    others = [signed_in(world, "eve", "correct horse")[1] for _ in range(3)]
    listed = api.ask(here, SESSIONS).data["sessions"]
    assert [session["isCurrent"] for session in listed].count(True) == 1
    assert listed[0]["createdAt"] == "2026-01-02T03:04:05.678000Z"
    ended = next(session["id"] for session in listed if not session["isCurrent"])
    assert api.ask(here, END, id=ended).data == {"endSession": True}
    assert api.ask(here, END, id=ended).codes == ["not_found"]
    assert [is_good(world, secret) for secret in others].count(True) == 2
    rest = "mutation { endOtherSessions }"
    assert api.ask(here, rest).data == {"endOtherSessions": 2}
    assert [is_good(world, secret) for secret in (kept, *others)] == [True, False, False, False]
    assert api.ask(admin, SESSIONS).data == {"sessions": []}
    assert api.ask(here.with_key(AccessMode.ALL), rest).data == {"endOtherSessions": 1}


def test_a_session_is_recognised_by_its_browser_and_its_last_use(
    api: Api, world: World, clock: HandClock
) -> None:
    accounts, (login, password) = world.registry.accounts, created(world)
    agent = f"Fox/1.0\x00 (Linux) {'x' * 300}"
    secret, _ = world.run(accounts.login(login, password, agent=agent))
    world.run(accounts.login(login, password))
    asked = "{ sessions { userAgent lastUsedAt isCurrent } }"

    def listed() -> list[tuple[str | None, str]]:
        here = Person(world, world.run(accounts.viewer_of_session(secret)))
        found = api.ask(here, asked).data["sessions"]
        shown = [(session["userAgent"], session["lastUsedAt"]) for session in found]
        return shown if found[0]["isCurrent"] else shown[::-1]

    fox = "Fox/1.0 (Linux) " + "x" * 184
    begun = "2026-01-02T03:04:05.678000Z"
    clock.advance(timedelta(seconds=59))
    assert listed() == [(fox, begun), (None, begun)]  # written down once in a minute
    clock.advance(timedelta(seconds=1))
    assert listed() == [(fox, "2026-01-02T03:05:05.678000Z"), (None, begun)]


def test_nobody_ends_the_sessions_of_others(api: Api, world: World, stranger: Person) -> None:
    _, secret = signed_in(world, *created(world))
    session = token_digest(secret).hex()[:16]
    assert api.ask(stranger, END, id=session).codes == ["not_found"]
    assert api.ask(world.nobody, END, id=session).codes == ["not_authenticated"]
    limited = stranger.with_key(AccessMode.READ)
    assert api.ask(limited, SESSIONS).data == {"sessions": []}
    assert is_good(world, secret)


def test_administrators_sign_a_user_out_everywhere(
    api: Api, world: World, admin: Person, stranger: Person
) -> None:
    here, secret = signed_in(world, *created(world))
    key = here.with_key(AccessMode.ALL)
    signed_in(world, "eve", "correct horse")
    end = "mutation($login: String!) { endUserSessions(login: $login) }"
    for person in (stranger, here, world.nobody):
        assert api.ask(person, end, login="eve").codes != []
    assert is_good(world, secret)
    assert api.ask(admin, end, login="eve").data == {"endUserSessions": 2}
    assert not is_good(world, secret)
    assert api.ask(key, "{ viewer { login } }").data == {"viewer": {"login": "eve"}}
    assert api.ask(admin, end, login="eve").data == {"endUserSessions": 0}
    for login in ("nobody", ""):
        assert api.ask(admin, end, login=login).codes == ["not_found"]


def created(world: World) -> tuple[str, str]:
    world.run(world.registry.accounts.create_user("eve", "correct horse"))
    return "eve", "correct horse"
