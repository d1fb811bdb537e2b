"""Files on their way in: every upload protocol ends in ``accept``, and so in one ``publish``.

The protocols differ in where they say things: pixi and rattler-build in the headers of a form's
part, curl scripts in headers of the request, quetz in the address and its query, artifactory in
the address alone (channel-contract.md §11).
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from graphrepo.errors import InvalidRequestError
from graphrepo.intake.body import body_chunks, too_large
from graphrepo.intake.multipart import FilePart, FormLimits, TextPart, form_parts, is_form
from graphrepo.intake.receive import Received, receive_file
from graphrepo.registry.courtesy import Courtesy
from graphrepo.registry.publish import Publisher
from graphrepo.registry.requests import Upload
from graphrepo.registry.views import Published
from graphrepo.web.asgi import Reply, Scope, address_of, header, json_reply
from graphrepo.web.incoming import Call

_FORM = FormLimits()
_FORM_OVERHEAD = 2 * _FORM.text_bytes
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Door:
    """Where uploads lead, and how large one may be."""

    publisher: Publisher
    max_bytes: int
    courtesy: Courtesy


@dataclass(frozen=True, slots=True)
class Target:
    """What address, query and headers say of a file; an empty file name is told by the form."""

    channel: str
    filename: str = ""
    subdir: str | None = None
    sha256: str | None = None
    force: bool = False

    def named(self, filename: str | None, sha256: str | None) -> "Target":
        """Return the target with what a later place says where this one is silent."""
        return replace(
            self,
            filename=self.filename or filename or "",
            sha256=self.sha256 or sha256 or None,
        )


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that is here, what it is to be, and the attestation that came with it, as sent."""

    received: Received
    target: Target
    attestation: bytes = b""


async def accept(door: Door, call: Call, target: Target) -> Reply:
    """Take one file into a channel: 201 if it is new there, 200 if these bytes were there.

    Rights and announced size are settled before the first byte of the body is read. The staged
    file is gone when this returns or fails.

    Raises:
        GraphrepoError: Anything that ``publish`` or the reading of the body may raise.
    """
    await door.publisher.authorise(call.viewer, target.channel)
    scope = call.scope
    target = target.named(header(scope, "x-file-name"), header(scope, "x-file-sha256"))
    with door.courtesy.upload(call.viewer):
        arrived = await _arrive(door, call, target)
        with arrived.received.staged:
            upload = _upload(arrived, address_of(scope))
            published = await door.publisher.publish(call.viewer, upload)
    return _receipt(published)


async def _arrive(door: Door, call: Call, target: Target) -> Arrived:
    chunks = body_chunks(call.receive)
    kind = header(call.scope, "content-type")
    if is_form(kind):
        _check_length(call.scope, door.max_bytes, _FORM_OVERHEAD)
        return await _from_form(door, form_parts(chunks, kind, _FORM), target)
    _check_length(call.scope, door.max_bytes)
    _check_target(target)
    received = await receive_file(door.publisher.stage, chunks, door.max_bytes)
    return Arrived(received, target)


async def _from_form(
    door: Door, parts: AsyncIterator[TextPart | FilePart], target: Target
) -> Arrived:
    arrived: Arrived | None = None
    attestation = b""
    try:
        async for part in parts:
            if isinstance(part, FilePart):
                arrived = await _from_part(door, part, target, arrived)
            elif part.name == "attestation":
                attestation = part.text.encode()
    except BaseException:
        if arrived is not None:
            arrived.received.staged.discard()
        raise
    if arrived is None:
        message = "The form holds no file: send the package as the part named file."
        raise InvalidRequestError(message)
    return replace(arrived, attestation=attestation)


async def _from_part(
    door: Door, part: FilePart, target: Target, earlier: Arrived | None
) -> Arrived:
    if earlier is not None:
        message = "The form holds more than one file: upload each package in a request of its own."
        raise InvalidRequestError(message)
    target = target.named(
        part.headers.get("x-file-name") or part.filename, part.headers.get("x-file-sha256")
    )
    _check_target(target)
    return Arrived(await receive_file(door.publisher.stage, part.chunks, door.max_bytes), target)


def _check_length(scope: Scope, limit: int, overhead: int = 0) -> None:
    announced = header(scope, "content-length")
    if announced.isdecimal() and int(announced) > limit + overhead:
        raise too_large(limit)


def _check_target(target: Target) -> None:
    # Before the body: what is wrong here need not wait for a gigabyte.
    if not target.filename:
        message = "Nothing names the file: send its name in the header X-File-Name."
        raise InvalidRequestError(message)
    if target.sha256 is not None and not _SHA256.fullmatch(target.sha256.lower()):
        message = "The announced SHA-256 is not 64 hexadecimal digits; leave it out or correct it."
        raise InvalidRequestError(message)


def _upload(arrived: Arrived, address: str) -> Upload:
    target = arrived.target
    return Upload(
        channel=target.channel,
        filename=target.filename,
        staged=arrived.received.staged,
        digests=arrived.received.digests,
        subdir=target.subdir,
        sha256=target.sha256.lower() if target.sha256 else None,
        force=target.force,
        attestation=arrived.attestation,
        address=address,
    )


def _receipt(published: Published) -> Reply:
    artifact = published.artifact
    content = {
        "filename": artifact.filename,
        "subdir": artifact.subdir,
        "sha256": artifact.sha256,
        "size": artifact.size,
        "created": published.created,
        "warnings": published.warnings,
    }
    return json_reply(201 if published.created else 200, content)
