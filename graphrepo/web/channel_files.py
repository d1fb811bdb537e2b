"""The addresses of channels, in front of all other routes (channel-contract.md, section 2).

    /{channel}/{document}                of the whole channel
    /{channel}/{subdir}/{file}           a document or an artifact
    /{channel}/{subdir}/shards/{shard}

Every first path part that is not reserved is a channel's name, so these addresses need no
routing. What is there, and who may know, the registry decides: see channel-contract.md §10.
"""

from dataclasses import dataclass, field
from urllib.parse import quote

from graphrepo.conda.names import RESERVED_CHANNELS
from graphrepo.intake.body import Receive
from graphrepo.registry.registry import Registry
from graphrepo.registry.views import StoredFile
from graphrepo.web.asgi import Reply, Scope, Send, asked_of, header, send_reply, viewer_of
from graphrepo.web.blob_response import Exchange, Offers, send_file
from graphrepo.web.errors import MethodNotAllowedError
from graphrepo.web.incoming import Call
from graphrepo.web.upload import Door, Target, accept

_READ = frozenset({"GET", "HEAD"})
_READ_OR_PUT = _READ | {"PUT"}
_FILE_DEPTH = 3


def is_channel_path(path: str) -> bool:
    """Return whether a normalised path belongs to a channel."""
    first = path.split("/", 2)[1]
    return bool(first) and first not in RESERVED_CHANNELS


@dataclass(frozen=True, slots=True)
class ChannelFiles:
    """Answers everything below a channel's name, as an ASGI application."""

    registry: Registry
    door: Door
    offers: Offers = field(default_factory=Offers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        # A name with NUL, which PostgreSQL cannot even look for, is one that no name can be.
        parts = tuple(scope["path"].replace("\0", "\ufffd").split("/")[1:])
        allowed = _READ_OR_PUT if len(parts) == _FILE_DEPTH else _READ
        if scope["method"] not in allowed:
            raise MethodNotAllowedError(allowed)
        if scope["method"] == "PUT":
            channel, subdir, filename = parts
            target = Target(channel, filename, subdir=subdir)
            await send_reply(await accept(self.door, Call(scope, receive), target), scope, send)
        elif len(parts) == 1 and "text/html" in header(scope, "accept"):
            await send_reply(_to_page(parts[0]), scope, send)
        else:
            file = await self._find(scope, parts)
            offer = self.offers.of(file)
            sent = await send_file(offer, self.registry.indexing, Exchange(scope, receive, send))
            if file.artifact_id is None:
                scope["state"]["may_repeat"] = file.is_current  # see ``repeats``
            # What resumes a download goes on with one that was counted.
            elif sent is not None and not sent.start:
                self.registry.downloads.count(file.artifact_id)

    async def _find(self, scope: Scope, parts: tuple[str, ...]) -> StoredFile:
        viewer, asked = viewer_of(scope), asked_of(scope)
        indexing = self.registry.indexing
        channel, *rest = parts
        match rest:
            case [subdir, filename]:
                return await indexing.file(viewer, channel, subdir, filename, asked)
            case [subdir, "shards", shard]:
                filename = f"shards/{shard}"
                return await indexing.file(viewer, channel, subdir, filename, asked)
            case _:
                # What is no document is not there, but who may know that is asked all the same.
                name = "/".join(rest) or "index.html"
                return await indexing.channel_file(viewer, channel, name, asked)


def _to_page(channel: str) -> Reply:
    location = ("location", f"/channels/{quote(channel, safe='')}")
    return Reply(307, (location, ("cache-control", "no-store"), ("vary", "Accept")))
