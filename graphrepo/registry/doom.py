"""Blobs that lost a use: noted in the transaction that took it, deleted a while later.

Nothing here lists the store. A doomed blob is deleted only if no row names it when its time
has come, and only if nobody committed the same bytes since (the store checks that in one step
with the deletion), so an upload that found the blob present keeps it.
"""

from collections.abc import Iterable

from graphrepo.model.database import rows

_DOOM = """
    INSERT INTO doomed_blob (blake3, doomed_at) VALUES ($blake3, $now)
    ON CONFLICT (blake3) DO UPDATE SET doomed_at = excluded.doomed_at
"""
_DOOM_CHANNEL = """
    INSERT INTO doomed_blob (blake3, doomed_at)
    SELECT blake3, $now FROM (
      SELECT a.blake3 FROM artifact a JOIN subdir s ON s.id = a.subdir_id WHERE s.channel_id = $id
      UNION SELECT d.blake3 FROM document d JOIN subdir s ON s.id = d.subdir_id
        WHERE s.channel_id = $id
      UNION SELECT h.blake3 FROM shard h JOIN subdir s ON s.id = h.subdir_id
        WHERE s.channel_id = $id
      UNION SELECT blake3 FROM channel_document WHERE channel_id = $id
      UNION SELECT l.blake3 FROM sidecar l JOIN artifact a ON a.id = l.artifact_id
        JOIN subdir s ON s.id = a.subdir_id WHERE s.channel_id = $id
    ) AS lost WHERE 1 = 1
    ON CONFLICT (blake3) DO UPDATE SET doomed_at = excluded.doomed_at
"""
_RIPE = """
    SELECT blake3 FROM doomed_blob WHERE doomed_at <= $before
    ORDER BY doomed_at LIMIT $limit
"""
_IN_USE = """
    SELECT 1 FROM artifact WHERE blake3 = $blake3 AND removed_in IS NULL
    UNION ALL SELECT 1 FROM hold WHERE blake3 = $blake3
    UNION ALL SELECT 1 FROM document WHERE blake3 = $blake3
    UNION ALL SELECT 1 FROM channel_document WHERE blake3 = $blake3
    UNION ALL SELECT 1 FROM shard WHERE blake3 = $blake3
    UNION ALL SELECT 1 FROM sidecar l JOIN artifact a ON a.id = l.artifact_id
      WHERE l.blake3 = $blake3 AND (a.removed_in IS NULL
        OR EXISTS (SELECT 1 FROM hold h WHERE h.artifact_id = a.id))
    LIMIT 1
"""


def doom(digests: Iterable[str], now: int) -> None:
    """Note blobs that lost a use; inside ``transact``. They may have others."""
    for blake3 in sorted(digests):  # in one order, so that two of us never wait in a circle
        rows(_DOOM, blake3=blake3, now=now)


def doom_sidecars(artifact_id: int, now: int) -> None:
    """Note the lists of a file's attestations, which go with it; inside ``transact``."""
    found = rows("SELECT blake3 FROM sidecar WHERE artifact_id = $id", id=artifact_id)
    doom([blake3 for (blake3,) in found], now)


def doom_channel(channel_id: int, now: int) -> None:
    """Note every blob that a channel uses, before its rows go; inside ``transact``."""
    rows(_DOOM_CHANNEL, id=channel_id, now=now)


def take_ripe(before: int, limit: int) -> list[str]:
    """Take blobs doomed up to a time (ms) off the list; return those without any use."""
    ripe = [blake3 for (blake3,) in rows(_RIPE, before=before, limit=limit)]
    for blake3 in ripe:
        rows("DELETE FROM doomed_blob WHERE blake3 = $blake3", blake3=blake3)
    return [blake3 for blake3 in ripe if not rows(_IN_USE, blake3=blake3)]
