"""Who may do what over GraphQL: a rule for each root field, answered by ``access.policy``.

Nothing here knows what the server says. ``python -m tests.graphql.matrix`` prints whom each
mutation must serve, as ``matrix.md`` holds it for people to read.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from graphrepo.access.policy import (
    Action,
    ChannelAccess,
    Role,
    may,
    may_administer_server,
    may_create_channels,
    may_manage_account,
)
from graphrepo.access.viewer import ANONYMOUS, AccessMode, KeyScope, Viewer

PASSWORD: Final = "correct horse"

ROLES: Final[Mapping[str, Mapping[str, Role]]] = {
    "lab": {
        "ada": Role.OWNER,
        "carl": Role.CONTRIBUTOR,
        "rita": Role.MEMBER,
        "tom": Role.MEMBER,
    },
    "vault": {
        "vera": Role.OWNER,
        "ada": Role.OWNER,
        "carl": Role.CONTRIBUTOR,
        "rita": Role.MEMBER,
        "tom": Role.MEMBER,
    },
}
"""The members of a public channel and of a private one; the first is their first owner."""

CHANNELS: Final = (*ROLES, "nowhere")
PEOPLE: Final = ("ada", "carl", "rita", "tom", "vera", "sam", "root")


@dataclass(frozen=True)
class Actor:
    """Somebody who asks; ``mode`` is that of their key, ``None`` for a session."""

    title: str
    login: str
    mode: AccessMode | None = None
    channel: str | None = None

    @property
    def viewer(self) -> Viewer:
        """Return who asks; people have the ids of their places in ``PEOPLE``."""
        if not self.login:
            return ANONYMOUS
        key = None if self.mode is None else KeyScope("spare", self.mode, self.channel)
        ident = PEOPLE.index(self.login) + 1
        return Viewer(ident, self.login, is_admin=self.login == "root", key=key)

    def access(self, channel: str) -> ChannelAccess:
        """Return a channel as the policy sees it; one that does not exist is nobody's."""
        role = ROLES.get(channel, {}).get(self.login)
        return ChannelAccess(channel, is_public=channel == "lab", role=role)

    def may(self, action: Action, channel: str) -> bool:
        """Return what the policy says; nothing can be done to what does not exist."""
        return channel in ROLES and may(self.viewer, action, self.access(channel))

    def able(self, action: Action) -> list[str]:
        """Return the names of the channels where the actor may do something."""
        return [channel for channel in ROLES if self.may(action, channel)]


def _actors() -> Iterator[Actor]:
    yield Actor("anonymous", "")
    yield Actor("stranger", "sam")
    yield Actor("member", "rita")
    yield Actor("contributor", "carl")
    yield Actor("owner", "ada")
    yield Actor("administrator", "root")
    for channel in (None, *ROLES):
        for mode in AccessMode:
            yield _with_key("owner", "ada", mode, channel)
    yield _with_key("administrator", "root", AccessMode.ALL)
    yield _with_key("administrator", "root", AccessMode.READ_WRITE_DELETE)
    yield _with_key("administrator", "root", AccessMode.ALL, "lab")
    yield _with_key("contributor", "carl", AccessMode.READ_WRITE_DELETE)
    yield _with_key("member", "rita", AccessMode.ALL, "vault")
    yield _with_key("stranger", "sam", AccessMode.ALL)


def _with_key(title: str, login: str, mode: AccessMode, channel: str | None = None) -> Actor:
    where = f" for {channel}" if channel else ""
    return Actor(f"{title}, key {mode.name}{where}", login, mode, channel)


ACTORS: Final = tuple(_actors())


@dataclass(frozen=True)
class Rule:
    """A mutation: the arguments to ask with, and what the policy must allow.

    ``fails`` is the code that those get who may, where the arguments can be no better.
    """

    arguments: str
    need: Action | Callable[[Viewer], bool]
    fails: str | None = None

    def serves(self, actor: Actor, channel: str) -> bool:
        """Return whether the actor may do it to the channel."""
        if isinstance(self.need, Action):
            return actor.may(self.need, channel)
        return self.need(actor.viewer)


@dataclass(frozen=True)
class Question:
    """A query: its arguments and selection, and the data or the refusal that is expected."""

    arguments: str
    selection: str
    expected: Callable[[Actor, str], object]


class Refused:
    """What is expected of a question that only some may ask."""


_FILE: Final = 'channelName: $c, subdir: "noarch", filename: "zlib-1.0-0.conda"'
_FILES: Final = 'channelName: $c, entries: [{subdir: "noarch", filename: "zlib-1.0-0.conda"}]'
_YANKED: Final = 'subdir: "noarch", filename: "zlib-0.9-0.conda"'
_MATTER: Final = 'message: "Soon", level: INFO, expiresAt: "2030-01-01T00:00:00Z"'
_SOURCE: Final = f'packages: [{{url: "/lab/noarch/zlib-1.0-0.conda", sha256: "{"0" * 64}"}}]'

MUTATIONS: Final[Mapping[str, Rule]] = {
    "createChannel": Rule('name: "another"', may_create_channels),
    "updateChannel": Rule('name: $c, description: "New"', Action.MANAGE),
    "deleteChannel": Rule("name: $c", Action.TRANSFER),
    "transferChannelOwnership": Rule('channelName: $c, newOwnerUsername: "tom"', Action.TRANSFER),
    "addChannelMember": Rule('channelName: $c, userName: "sam", role: VIEWER', Action.MANAGE),
    "deleteChannelMember": Rule('channelName: $c, userName: "tom"', Action.MANAGE),
    "createApiKey": Rule('name: "another"', may_manage_account),
    "revokeApiKey": Rule('name: "spare"', may_manage_account),
    "deleteApiKey": Rule('name: "spare"', may_manage_account),
    "uploadPackage": Rule("channelName: $c, file: $file", Action.UPLOAD),
    "attestPackageVariant": Rule(
        f'{_FILE}, attestation: "unsigned"', Action.UPLOAD, fails="invalid_attestation"
    ),
    "batchDeletePackageVariants": Rule(_FILES, Action.DELETE),
    "batchYankPackageVariants": Rule(f'{_FILES}, reason: "Old"', Action.YANK),
    "batchUnyankPackageVariants": Rule(f"channelName: $c, entries: [{{{_YANKED}}}]", Action.YANK),
    "yankPackageVariant": Rule(f'{_FILE}, reason: "Old"', Action.YANK),
    "unyankPackageVariant": Rule(f"channelName: $c, {_YANKED}", Action.YANK),
    "patchPackageVariant": Rule(f'{_FILE}, patch: {{license: "MIT"}}', Action.YANK),
    "createChannelNotice": Rule(f"channelName: $c, {_MATTER}", Action.MANAGE),
    "updateChannelNotice": Rule('channelName: $c, id: $notice, message: "Later"', Action.MANAGE),
    "deleteChannelNotice": Rule("channelName: $c, id: $notice", Action.MANAGE),
    "startBatchDeletePackages": Rule('channelName: $c, packageNames: ["zlib"]', Action.DELETE),
    "copyPackagesFromUrls": Rule(f"channelName: $c, {_SOURCE}", Action.UPLOAD),
    "addGithubOidcPublisher": Rule(
        'channelName: $c, owner: "a", repository: "b", workflow: "c.yml"', Action.MANAGE
    ),
    "addGitlabOidcPublisher": Rule('channelName: $c, namespace: "a", project: "b"', Action.MANAGE),
    "addGoogleOidcPublisher": Rule('channelName: $c, email: "a@b.org"', Action.MANAGE),
    "deleteOidcPublisher": Rule("channelName: $c, id: $publisher", Action.MANAGE),
    "applyQuarantine": Rule(
        'action: YANK, reason: "Bad", matchSpec: "zlib ==1.0"', may_administer_server
    ),
    "updateQuarantine": Rule('id: "1", reason: "Worse"', may_administer_server),
    "revokeQuarantine": Rule('id: "1"', may_administer_server),
    "createUser": Rule('login: "eve"', may_administer_server),
    "updateUser": Rule('login: "tom", isDisabled: true', may_administer_server),
    "changePassword": Rule(
        f'currentPassword: "{PASSWORD}", newPassword: "battery staple"', may_manage_account
    ),
    "endSession": Rule('id: "0123456789abcdef"', may_manage_account, fails="not_found"),
    "endOtherSessions": Rule("", may_manage_account),
    "endUserSessions": Rule('login: "tom"', may_administer_server),
}


def _owns_account(actor: Actor) -> bool:
    return may_manage_account(actor.viewer)


def _if_readable(value: object) -> Callable[[Actor, str], object]:
    return lambda actor, channel: value if actor.may(Action.READ, channel) else None


def _counts(each: int) -> Callable[[Actor, str], object]:
    """Expect so many for each channel that the actor may read."""
    return lambda actor, _: {"totalCount": each * len(actor.able(Action.READ))}


def _names(actor: Actor, _channel: str) -> object:
    return {"page": [{"name": channel} for channel in actor.able(Action.READ)]}


def _shared(actor: Actor, _channel: str) -> object:
    """Expect those who are members of a channel with the actor, within the reach of their key."""
    if may_administer_server(actor.viewer):
        return {"totalCount": len(PEOPLE)}
    reach = [
        members
        for name, members in ROLES.items()
        if actor.login in members and actor.channel in {None, name}
    ]
    return {"totalCount": len({actor.login, *(who for each in reach for who in each)} - {""})}


def _owners(actor: Actor, _channel: str) -> object:
    return [{"name": next(iter(ROLES[channel]))} for channel in actor.able(Action.READ)]


def _candidates(actor: Actor, _channel: str) -> object:
    able = actor.able(Action.TRANSFER) if may_manage_account(actor.viewer) else []
    return {"page": [{"name": channel} for channel in able]}


def _sees_job(actor: Actor, channel: str) -> bool:
    """Say whether a job is seen; carl, who began them, sees them unless a key narrows his view."""
    mine = actor.login == "carl" and actor.channel is None and actor.may(Action.READ, channel)
    return mine or actor.may(Action.UPLOAD, channel)


def _job(actor: Actor, channel: str) -> object:
    return {"channelName": channel} if _sees_job(actor, channel) else None


def _jobs(actor: Actor, _channel: str) -> object:
    return {"totalCount": sum(_sees_job(actor, channel) for channel in ROLES)}


def _events(actor: Actor, _channel: str) -> object:
    everywhere = may_administer_server(actor.viewer)
    seen = list(ROLES) if everywhere else actor.able(Action.MANAGE)
    return {"page": [{"channelName": channel} for channel in reversed(seen)]}


def _for_administrators(value: object, otherwise: object) -> Callable[[Actor, str], object]:
    return lambda actor, _: value if may_administer_server(actor.viewer) else otherwise


QUERIES: Final[Mapping[str, Question]] = {
    "viewer": Question(
        "", "{ login }", lambda actor, _: {"login": actor.login} if actor.login else None
    ),
    "user": Question(
        'login: "ada"',
        "{ channels { totalCount } }",
        lambda actor, _: {"channels": {"totalCount": len(actor.able(Action.READ))}},
    ),
    "channel": Question("name: $c", "{ description }", _if_readable({"description": None})),
    "channels": Question("", "{ page { name } }", _names),
    "package": Question(
        'channelName: $c, name: "zlib"', "{ name }", _if_readable({"name": "zlib"})
    ),
    "packages": Question("", "{ totalCount }", _counts(1)),
    "variant": Question(
        'channelName: $c, packageName: "zlib", platformName: "noarch",'
        ' fileName: "zlib-1.0-0.conda"',
        "{ version }",
        _if_readable({"version": "1.0"}),
    ),
    "apiKeys": Question(
        "",
        "{ name }",
        lambda actor, _: [{"name": "spare"}] if may_manage_account(actor.viewer) else [],
    ),
    "instanceConfig": Question("", "{ name }", lambda _actor, _channel: {"name": "graphrepo"}),
    "paths": Question('pattern: "share/zlib-1.0.txt"', "{ totalCount }", _counts(1)),
    "packageByMatchspec": Question(
        'matchSpec: "zlib", channels: [$c]', "{ name }", _if_readable({"name": "zlib"})
    ),
    "variantsByMatchspec": Question('matchSpec: "zlib ==1.0"', "{ totalCount }", _counts(1)),
    "users": Question("", "{ totalCount }", _shared),
    "channelManageAccess": Question(
        "channelName: $c", "", lambda actor, channel: actor.may(Action.MANAGE, channel)
    ),
    "channelLifecycleAccess": Question(
        "channelName: $c", "", lambda actor, channel: actor.may(Action.TRANSFER, channel)
    ),
    "channelOwners": Question("", "{ name }", _owners),
    "channelNamespaces": Question("", "{ name }", _owners),
    "apiKeyChannelCandidates": Question("", "{ page { name } }", _candidates),
    "ownerNameAvailable": Question('name: "vera"', "", lambda _actor, _channel: False),
    "sessions": Question(
        "",
        "{ isCurrent }",
        lambda actor, _: [{"isCurrent": False}] * (actor.login == "ada" and _owns_account(actor)),
    ),
    "backgroundJob": Question("id: $job", "{ channelName }", _job),
    "activeBackgroundJob": Question(
        "channelName: $c, jobType: COPY_PACKAGES", "{ channelName }", _job
    ),
    "backgroundJobs": Question("", "{ totalCount }", _jobs),
    "quarantine": Question('id: "1"', "{ id }", _for_administrators({"id": "1"}, None)),
    "quarantines": Question(
        "", "{ totalCount }", _for_administrators({"totalCount": 1}, Refused())
    ),
    "events": Question(
        'filters: {action: {eq: "create_channel"}}', "{ page { channelName } }", _events
    ),
}

SUBSCRIPTIONS: Final[Mapping[str, Rule]] = {"channelChanged": Rule("name: $c", Action.READ)}


def table() -> str:
    """Return whom each mutation must serve, in which channel, as markdown."""
    lines = [["mutation", "channel", *(actor.title for actor in ACTORS)]]
    lines.append(["---"] * len(lines[0]))
    for name, rule in MUTATIONS.items():
        for channel in ROLES if "$c" in rule.arguments else ("",):
            served = ("yes" if rule.serves(actor, channel) else "no" for actor in ACTORS)
            lines.append([name, channel, *served])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    print(table(), end="")  # noqa: T201 - what the module is run for
