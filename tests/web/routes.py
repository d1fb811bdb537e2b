"""Who may use which address: a rule for each route, answered by ``access.policy``.

Nothing here knows what the server says. Requests are such that they do no harm where they are
let through: an archive that is none, a file that is not there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from graphrepo.access.policy import Action, ChannelAccess, Role, may
from graphrepo.access.viewer import ANONYMOUS, AccessMode, KeyScope, Viewer
from graphrepo.registry import channel_documents, subdir_documents

FILE: Final = "zlib-9-0.conda"
"""A file that is in no channel."""


@dataclass(frozen=True)
class Actor:
    """Somebody who asks: by a key without limits, or one of this mode or for another channel."""

    title: str
    login: str = ""
    role: Role | None = None
    key: KeyScope | None = None

    def may(self, action: Action, channel: str, *, is_public: bool) -> bool:
        """Return what the policy says of one of olga's channels."""
        return may(self._viewer, action, ChannelAccess(channel, is_public, self.role))

    @property
    def _viewer(self) -> Viewer:
        if not self.login:
            return ANONYMOUS
        return Viewer(1, self.login, is_admin=self.login == "root", key=self.key)


ELSEWHERE: Final = "elsewhere"
"""Stands for a channel that is none of those which are asked for."""

ACTORS: Final = (
    Actor("nobody"),
    Actor("somebody with a forged key"),
    Actor("stranger", "sam"),
    Actor("member", "mia", Role.MEMBER),
    Actor("contributor", "carl", Role.CONTRIBUTOR),
    Actor("owner", "olga", Role.OWNER),
    Actor("administrator", "root"),
    Actor("owner, key READ", "olga", Role.OWNER, KeyScope("a", AccessMode.READ)),
    Actor("owner, key READ_WRITE", "olga", Role.OWNER, KeyScope("b", AccessMode.READ_WRITE)),
    Actor("owner, key ALL elsewhere", "olga", Role.OWNER, KeyScope("c", AccessMode.ALL, ELSEWHERE)),
)


@dataclass(frozen=True)
class Rule:
    """What is asked for, what one needs for it, and the status for those who may."""

    path: str
    status: int
    need: Action | None = None  # none: everybody is answered alike
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content: bytes = b""


def _upload(path: str) -> Rule:
    return Rule(path, 422, Action.UPLOAD, {"X-File-Name": FILE}, b"no archive")


def _read(path: str, status: int = 200) -> Rule:
    return Rule(path, status, Action.READ)


def _post(path: str, status: int) -> Rule:
    return Rule(path, status, None, {"Content-Type": "application/json"}, b"{}")


_CHANNEL: Final = "/{channel}"
_SUBDIR: Final = "/{channel}/noarch"
_ABSENT: Final = {"current_repodata.json", "current_repodata.json.zst", "patch_instructions.json"}
"""Documents that a channel has if it wants them."""
_SHA256: Final = "0" * 64

RULES: Final[Mapping[str, Rule]] = {
    "GET /{channel}": _read(_CHANNEL, 404),
    "GET /{channel} as a browser": Rule(_CHANNEL, 307, headers={"Accept": "text/html"}),
    "GET /{channel}/{subdir}/{file}": _read(f"{_SUBDIR}/{FILE}", 404),
    "GET /{channel}/{subdir}/{file}.sigs": _read(f"{_SUBDIR}/{FILE}.sigs", 404),
    "GET /{channel}/{subdir}/{file}.sigs.{sha256}": _read(f"{_SUBDIR}/{FILE}.sigs.{_SHA256}", 404),
    "GET /{channel}/{subdir}/shards/{shard}": _read(f"{_SUBDIR}/shards/{_SHA256}.msgpack.zst", 404),
    "PUT /{channel}/{subdir}/{file}": _upload(f"{_SUBDIR}/{FILE}"),
    "POST /api/v1/upload/{channel}": _upload("/api/v1/upload/{channel}"),
    "POST /api/channels/{channel}/upload/{filename}": _upload(
        f"/api/channels/{{channel}}/upload/{FILE}"
    ),
    "DELETE /api/v1/delete/{channel}/{subdir}/{filename}": Rule(
        f"/api/v1/delete/{{channel}}/noarch/{FILE}", 404, Action.DELETE
    ),
    "POST /api/v1/reindex/{channel}/{subdir}": Rule(
        "/api/v1/reindex/{channel}/noarch", 200, Action.UPLOAD
    ),
    "PUT /api/v1/patch-instructions/{channel}/{subdir}": Rule(
        "/api/v1/patch-instructions/{channel}/noarch", 422, Action.YANK, content=b"no JSON"
    ),
    "POST /api/auth/login": _post("/api/auth/login", 400),
    "POST /api/auth/setup": _post("/api/auth/setup", 400),
    "POST /api/auth/logout": _post("/api/auth/logout", 200),
    "POST /api/oidc/mint_token": _post("/api/oidc/mint_token", 400),
    "GET /healthz": Rule("/healthz", 200),
    "GET /readyz": Rule("/readyz", 200),
    "GET /metrics": Rule("/metrics", 404),  # off; ``test_metrics.py`` turns it on
    "GET /api/graphql": Rule("/api/graphql", 400),
    "POST /api/graphql": _post("/api/graphql", 400),
    "GET /": Rule("/", 200),
    "GET /login": Rule("/login", 200),
    "GET /setup": Rule("/setup", 200),
    "GET /account": Rule("/account", 200),
    "GET /account/{rest}": Rule("/account/keys", 200),
    "GET /admin": Rule("/admin", 200),
    "GET /admin/{rest}": Rule("/admin/users", 200),
    "GET /search": Rule("/search", 200),
    "GET /channels": Rule("/channels", 200),
    "GET /channels/{rest}": Rule("/channels/{channel}", 200),
    "GET /graphiql": Rule("/graphiql", 200),
    "GET /ui/{revision}/{name}": Rule("/ui/none/app.js", 404),
    **{
        f"GET /{{channel}}/{name}": _read(f"{_CHANNEL}/{name}")
        for name in sorted(channel_documents.NAMES)
    },
    **{
        f"GET /{{channel}}/{{subdir}}/{name}": _read(
            f"{_SUBDIR}/{name}", 404 if name in _ABSENT else 200
        )
        for name in sorted(subdir_documents.NAMES)
    },
}

SOCKETS: Final = {"/api/graphql"}
"""Open to everybody; ``graphql/test_matrix.py`` asks each subscription."""
