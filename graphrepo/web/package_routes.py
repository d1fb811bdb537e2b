"""The routes of upload tools below ``/api``: prefix.dev's (pixi, rattler-build) and quetz's."""

from litestar import HttpMethod, Response, route
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, SkipValidation

from graphrepo.intake.body import body_chunks, read_all
from graphrepo.registry.requests import Batch, FileName
from graphrepo.web.asgi import json_reply
from graphrepo.web.incoming import Call, Incoming, TheRegistry, response
from graphrepo.web.upload import Door, Target, accept

TheDoor = NamedDependency[SkipValidation[Door]]

# Bytes; the instructions of the largest public channel have a third of this.
_MAX_INSTRUCTIONS = 64 * 1024 * 1024


@route("/api/v1/upload/{channel:str}", http_method=HttpMethod.POST)
async def upload(
    request: Incoming, channel: FromPath[str], door: TheDoor, *, force: FromQuery[bool] = False
) -> Response[bytes]:
    """Take a file as prefix.dev does: a form with the part ``file``, or the raw bytes."""
    target = Target(channel, force=force)
    return response(await accept(door, Call.of(request), target))


@route("/api/channels/{channel:str}/upload/{filename:str}", http_method=HttpMethod.POST)
async def upload_to_quetz(
    request: Incoming,
    channel: FromPath[str],
    filename: FromPath[str],
    door: TheDoor,
    *,
    force: FromQuery[bool] = False,
    sha256: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Take a file as quetz does: raw bytes, everything else in the address."""
    target = Target(channel, filename, sha256=sha256, force=force)
    return response(await accept(door, Call.of(request), target))


@route(
    "/api/v1/delete/{channel:str}/{subdir:str}/{filename:str}",
    http_method=HttpMethod.DELETE,
    status_code=200,
)
async def delete_file(
    request: Incoming,
    channel: FromPath[str],
    subdir: FromPath[str],
    filename: FromPath[str],
    registry: TheRegistry,
) -> Response[bytes]:
    """Delete one file of a channel."""
    batch = Batch(channel, (FileName(subdir, filename),))
    gone = await registry.removal.delete(Call.of(request).viewer, batch)
    names = [{"subdir": file.subdir, "filename": file.filename} for file in gone]
    return response(json_reply(200, {"deleted": names}))


@route("/api/v1/reindex/{channel:str}/{subdir:str}", http_method=HttpMethod.POST)
async def reindex(
    request: Incoming, channel: FromPath[str], subdir: FromPath[str], registry: TheRegistry
) -> Response[bytes]:
    """Bring a subdir's documents up to date and tell their revision."""
    revision = await registry.indexing.reindex(Call.of(request).viewer, channel, subdir)
    return response(json_reply(200, {"subdir": subdir, "revision": revision}))


@route("/api/v1/patch-instructions/{channel:str}/{subdir:str}", http_method=HttpMethod.PUT)
async def put_patch_instructions(
    request: Incoming, channel: FromPath[str], subdir: FromPath[str], registry: TheRegistry
) -> Response[bytes]:
    """Take patch_instructions.json in place of a subdir's instructions (CEP 36)."""
    call = Call.of(request)
    await registry.patching.authorise(call.viewer, channel)
    content = await read_all(body_chunks(call.receive), _MAX_INSTRUCTIONS)
    patched = await registry.patching.set_instructions(call.viewer, channel, subdir, content)
    return response(json_reply(200, {"subdir": subdir, "patched": patched}))


PACKAGE_ROUTES: list[HTTPRouteHandler] = [
    upload,
    upload_to_quetz,
    delete_file,
    reindex,
    put_patch_instructions,
]
