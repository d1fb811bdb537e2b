"""The rows of shards: which are current, which still readable."""

from graphrepo.model.database import rows
from graphrepo.model.entities import Shard, Subdir
from graphrepo.registry.documents import OF_SUBDIR, Pointer
from graphrepo.registry.doom import doom
from graphrepo.registry.sharding import SHARD_INDEX, NewShard, ShardPlan


def apply_plan(plan: ShardPlan, now: int) -> Pointer:
    """Make a render the current one, whole; return the index that is current afterwards.

    Where another worker was quicker, its rows stay and its index is returned: it may show an
    older revision than ours, and whoever needs a newer one renders again. Inside ``transact``.
    """
    present = OF_SUBDIR.load(plan.subdir_id, SHARD_INDEX)
    if present is not None and present.revision != plan.since:
        return present
    for name in (*plan.gone, *(new.name for new in plan.fresh)):
        rows(_SUPERSEDE, subdir_id=plan.subdir_id, name=name, now=now)
    for new in plan.fresh:
        _insert(Subdir[plan.subdir_id], new, now)
    OF_SUBDIR.move(plan.subdir_id, plan.index, now)
    return plan.index


def forget_superseded(before: int, now: int) -> int:
    """Forget shards superseded at or before a time (ms) and doom their bytes; how many."""
    outdated = rows(_OUTDATED, before=before)
    doom((blake3 for _, blake3 in outdated), now)
    for ident, _ in outdated:
        rows("DELETE FROM shard WHERE id = $id", id=ident)
    return len(outdated)


def _insert(subdir: Subdir, new: NewShard, now: int) -> None:
    Shard(
        subdir=subdir,
        package_name=new.name,
        sha256=new.sha256,
        blake3=new.blake3,
        size=new.size,
        created_at=now,
    )


_SUPERSEDE = """
    UPDATE shard SET superseded_at = $now
    WHERE subdir_id = $subdir_id AND package_name = $name AND superseded_at IS NULL
"""
_OUTDATED = "SELECT id, blake3 FROM shard WHERE superseded_at <= $before LIMIT 1000"
