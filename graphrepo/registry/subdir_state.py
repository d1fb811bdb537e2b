"""A subdir as one request finds it: the channel's rules, the revision, the file asked for."""

import re
from dataclasses import dataclass

from graphrepo.access.policy import Action
from graphrepo.access.viewer import Viewer
from graphrepo.conda.names import KNOWN_SUBDIRS
from graphrepo.errors import GoneError, NotFoundError
from graphrepo.model.database import rows
from graphrepo.registry.attestation_rows import current_sidecar, sidecar_named
from graphrepo.registry.channel_rows import CHANNEL_COLUMNS, channel_view
from graphrepo.registry.gate import admit_to
from graphrepo.registry.hold_rows import blocked_file
from graphrepo.registry.views import ChannelView, StoredFile, moment


@dataclass(frozen=True, slots=True)
class SubdirState:
    """A subdir at one moment; ``id`` is 0 where it never held a file. Times in ms."""

    channel: ChannelView
    id: int
    name: str
    revision: int
    changed_at: int


def subdir_state(viewer: Viewer, action: Action, channel: str, subdir: str) -> SubdirState:
    """Return the subdir if the viewer may do this to its channel; inside a session.

    Raises:
        NotAuthenticatedError: nobody is signed in, and the channel is not public.
        ForbiddenError: the viewer may not, or the channel does not exist.
        NotFoundError: the subdir neither holds nor held a file, nor is one that clients ask for.
    """
    found = rows(_STATE, name=channel, user_id=viewer.user_id, subdir=subdir)
    seen = channel_view(found[0][:-3]) if found else None
    admitted = admit_to(viewer, action, channel, seen)
    ident, revision, changed_at = found[0][-3:]
    if ident is not None:
        return SubdirState(admitted, ident, subdir, revision, changed_at)
    if subdir not in KNOWN_SUBDIRS:
        raise NotFoundError(f"{channel} has no subdir {subdir}.")
    # Clients remember a missing document for days, so every subdir they may ask for has one.
    # It changes with the channel's settings alone, which the channel's revision counts.
    created = int(admitted.created_at.timestamp() * 1000)
    return SubdirState(admitted, 0, subdir, admitted.revision, created)


def offers(state: SubdirState, name: str) -> bool:
    """Return whether the subdir has a document: two of them exist only sometimes."""
    plain = name.removesuffix(".zst")
    if plain == "current_repodata.json":
        return state.channel.settings.current_repodata
    if plain == "patch_instructions.json":
        sql = "SELECT 1 FROM patch WHERE subdir_id = $subdir_id LIMIT 1"
        return bool(rows(sql, subdir_id=state.id))
    return True


def artifact_file(state: SubdirState, filename: str) -> StoredFile:
    """Return where the bytes of a live file are; inside a session.

    Raises:
        NotFoundError: the subdir does not hold the file.
        GoneError: an administrator has withdrawn it.
    """
    found = rows(_ARTIFACT, subdir_id=state.id, filename=filename)
    if not found and blocked_file(state.id, filename) is not None:
        raise GoneError(f"An administrator of this server has withdrawn {filename}.")
    if not found:
        raise NotFoundError(f"There is no {filename} in {state.channel.name}/{state.name}.")
    ident, blake3, sha256, size, uploaded = found[0]
    return StoredFile(
        filename,
        blake3,
        sha256,
        size,
        moment(uploaded),
        state.revision,
        state.channel,
        artifact_id=ident,
    )


def sidecar_file(state: SubdirState, filename: str) -> StoredFile | None:
    """Return where the list of a file's attestations is: the newest, or the one of a hash.

    None if the name is not that of such a list (CEP 50).

    Raises:
        NotFoundError: the subdir does not hold the file, or the file has no such list.
        GoneError: an administrator has withdrawn the file.
    """
    named = _SIDECAR.fullmatch(filename)
    if named is None:
        return None
    name, digest = named.groups()
    ident = artifact_file(state, name).artifact_id or 0
    sidecar = sidecar_named(ident, digest) if digest else current_sidecar(ident)
    if sidecar is None:
        raise NotFoundError(f"There is no {filename} in {state.channel.name}/{state.name}.")
    return StoredFile(
        filename,
        sidecar.blake3,
        sidecar.sha256,
        sidecar.size,
        moment(sidecar.created_at),
        state.revision,
        state.channel,
    )


def shard_file(state: SubdirState, filename: str) -> StoredFile:
    """Return where the bytes of a shard are, current or superseded; inside a session.

    Raises:
        NotFoundError: the subdir has no such shard (any more).
    """
    digest = filename.removesuffix(".msgpack.zst")
    named = _SHA256.fullmatch(digest) is not None and filename != digest
    sha256 = bytes.fromhex(digest) if named else b""
    found = rows(_SHARD, subdir_id=state.id, sha256=sha256)
    if not found:
        raise NotFoundError(f"There is no shard {filename} in {state.channel.name}/{state.name}.")
    blake3, size, created = found[0]
    name = f"shards/{filename}"
    return StoredFile(name, blake3, digest, size, moment(created), state.revision, state.channel)


_SIDECAR = re.compile(r"(.+\.(?:conda|tar\.bz2))\.sigs(?:\.([0-9a-f]{64}))?")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_STATE = f"""
    SELECT {CHANNEL_COLUMNS}, s.id, s.revision, s.changed_at
    FROM channel c LEFT JOIN member m ON m.channel_id = c.id AND m.user_id = $user_id
    LEFT JOIN subdir s ON s.channel_id = c.id AND s.name = $subdir
    WHERE c.name = $name
"""
_ARTIFACT = """
    SELECT id, blake3, sha256, size, uploaded_at FROM artifact
    WHERE subdir_id = $subdir_id AND filename = $filename AND removed_in IS NULL
"""
_SHARD = """
    SELECT blake3, size, created_at FROM shard
    WHERE subdir_id = $subdir_id AND sha256 = $sha256 ORDER BY id LIMIT 1
"""
