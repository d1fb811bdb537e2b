"""The policy: what each role, key and kind of viewer may do."""

from dataclasses import replace

import pytest

from graphrepo.access.policy import (
    MODE_ACTIONS,
    ROLE_ACTIONS,
    Action,
    ChannelAccess,
    Role,
    may,
    may_administer_server,
    may_create_channels,
    may_manage_account,
    policy_table,
)
from graphrepo.access.viewer import ANONYMOUS, SYSTEM, AccessMode, KeyScope, Viewer

ALICE = Viewer(user_id=1, login="alice")
ROOT = Viewer(user_id=2, login="root", is_admin=True)
PUBLISHER = Viewer(user_id=None, login="github acme/zlib", publishes_to=frozenset({"forge"}))

PRIVATE = ChannelAccess("forge", is_public=False)
PUBLIC = ChannelAccess("forge", is_public=True)

WORDS = """\
| action | owner | contributor | member | anonymous |
| --- | --- | --- | --- | --- |
| read and download, public channel | yes | yes | yes | yes |
| read and download, private channel | yes | yes | yes | no |
| upload | yes | yes | no | no |
| yank | yes | yes | no | no |
| delete packages | yes | no | no | no |
| manage members, publishers, settings, notices | yes | no | no | no |
| transfer or delete the channel | yes | no | no | no |

| an owner's key may | ALL | READ | READ_WRITE | READ_WRITE_DELETE |
| --- | --- | --- | --- | --- |
| read and download | yes | yes | yes | yes |
| upload | yes | no | yes | yes |
| yank | yes | no | yes | yes |
| delete packages | yes | no | no | yes |
| manage members, publishers, settings, notices | yes | no | no | no |
| transfer or delete the channel | yes | no | no | no |
"""


def with_key(viewer: Viewer, mode: AccessMode, channel: str | None = None) -> Viewer:
    return replace(viewer, key=KeyScope("laptop", mode, channel))


def allowed(viewer: Viewer, channel: ChannelAccess) -> set[Action]:
    return {action for action in Action if may(viewer, action, channel)}


def test_the_tables_say_what_the_contract_says() -> None:
    assert policy_table() == WORDS


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("mode", AccessMode)
def test_a_key_does_what_role_and_mode_together_allow(role: Role, mode: AccessMode) -> None:
    channel = replace(PRIVATE, role=role)
    assert allowed(with_key(ALICE, mode), channel) == ROLE_ACTIONS[role] & MODE_ACTIONS[mode]


def test_the_values_are_the_lower_case_names() -> None:
    assert [str(role) for role in Role] == ["owner", "contributor", "member"]
    assert all(mode == mode.name.lower() for mode in AccessMode)


def test_a_stranger_reads_only_what_is_public() -> None:
    for stranger in (ANONYMOUS, ALICE):
        assert allowed(stranger, PUBLIC) == {Action.READ}
        assert allowed(stranger, PRIVATE) == set()


def test_nobody_acts_under_a_role_without_being_known() -> None:
    assert allowed(ANONYMOUS, replace(PRIVATE, role=Role.OWNER)) == set()


def test_a_key_for_another_channel_makes_a_stranger() -> None:
    for person in (ALICE, ROOT):
        elsewhere = with_key(person, AccessMode.ALL, "other")
        assert allowed(elsewhere, replace(PRIVATE, role=Role.OWNER)) == set()
        assert allowed(elsewhere, replace(PUBLIC, role=Role.OWNER)) == {Action.READ}


def test_a_key_for_this_channel_has_its_mode() -> None:
    here = with_key(ALICE, AccessMode.READ_WRITE_DELETE, "forge")
    channel = replace(PRIVATE, role=Role.OWNER)
    assert allowed(here, channel) == {Action.READ, Action.UPLOAD, Action.YANK, Action.DELETE}


def test_administrators_own_every_channel_within_their_key() -> None:
    assert allowed(ROOT, PRIVATE) == set(Action)
    assert allowed(ROOT, replace(PRIVATE, role=Role.MEMBER)) == set(Action)
    assert allowed(SYSTEM, PRIVATE) == set(Action)
    assert allowed(with_key(ROOT, AccessMode.READ), PRIVATE) == {Action.READ}


def test_a_publisher_without_account_uploads_to_its_channel_only() -> None:
    assert allowed(PUBLISHER, PRIVATE) == {Action.UPLOAD}
    assert allowed(PUBLISHER, PUBLIC) == {Action.READ, Action.UPLOAD}
    assert allowed(PUBLISHER, ChannelAccess("other", is_public=False)) == set()
    assert not may_create_channels(PUBLISHER)
    assert not may_manage_account(PUBLISHER)


@pytest.mark.parametrize(
    ("viewer", "creates", "has_account", "administers"),
    [
        (ANONYMOUS, False, False, False),
        (ALICE, True, True, False),
        (ROOT, True, True, True),
        (SYSTEM, True, False, True),
        (with_key(ROOT, AccessMode.ALL), True, True, True),
        (with_key(ROOT, AccessMode.READ_WRITE_DELETE), False, False, False),
        (with_key(ROOT, AccessMode.ALL, "forge"), False, False, False),
    ],
)
def test_server_wide_rights_need_a_person_or_a_full_key(
    viewer: Viewer, *, creates: bool, has_account: bool, administers: bool
) -> None:
    assert may_create_channels(viewer) is creates
    assert may_manage_account(viewer) is has_account
    assert may_administer_server(viewer) is administers


def test_only_anonymous_is_anonymous() -> None:
    assert ANONYMOUS.is_anonymous
    assert not any(viewer.is_anonymous for viewer in (ALICE, ROOT, SYSTEM, PUBLISHER))
