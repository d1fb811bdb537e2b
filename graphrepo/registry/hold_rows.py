"""What holds of quarantine forbid, and which files they block; inside a session."""

from collections.abc import Mapping, Sequence

from graphrepo.errors import QuarantinedError
from graphrepo.model.database import rows
from graphrepo.model.many import rows_of_ids


def check_not_held(names: Mapping[int, str]) -> None:
    """Refuse to change files that a quarantine holds; ``names`` are their names by id.

    Raises:
        QuarantinedError: it holds one of them.
    """
    for (ident,) in rows_of_ids("SELECT artifact_id FROM hold WHERE artifact_id IN ({ids})", names):
        raise QuarantinedError(
            f"{names[ident]} is in quarantine; ask an administrator of this server to release it."
        )


def check_may_come(subdir_id: int | None, filename: str, blake3: str) -> None:
    """Refuse an upload that would bring back what a quarantine has taken away.

    Args:
        subdir_id: the row of the target; none where the channel has no such subdir yet.
        filename: the name that the file would have.
        blake3: of its bytes; they may not come back under another name or elsewhere either.

    Raises:
        QuarantinedError: name or bytes are those of a blocked file.
    """
    if rows(_BLOCKED_LIKE, subdir_id=subdir_id, filename=filename, blake3=blake3):
        raise QuarantinedError(
            f"An administrator of this server has withdrawn the file {filename} or one with the"
            " same contents; publish a corrected build under another name."
        )


def blocked_file(subdir_id: int, filename: str) -> int | None:
    """Return the id of the blocked file of this name in a subdir, if there is one."""
    found = rows(_BLOCKED_NAMED, subdir_id=subdir_id, filename=filename)
    return found[0][0] if found else None


def blocked_among(artifact_ids: Sequence[int]) -> dict[int, bool]:
    """Return whether each of these files is blocked."""
    sql = "SELECT artifact_id FROM hold WHERE artifact_id IN ({ids}) AND is_blocked"
    blocked = {ident for (ident,) in rows_of_ids(sql, artifact_ids)}
    return {ident: ident in blocked for ident in artifact_ids}


_BLOCKED_NAMED = """
    SELECT artifact_id FROM hold
    WHERE subdir_id = $subdir_id AND filename = $filename AND is_blocked
"""
_BLOCKED_LIKE = f"""
    SELECT artifact_id FROM hold WHERE blake3 = $blake3 AND is_blocked UNION ALL {_BLOCKED_NAMED}
"""
