"""What holds of quarantine forbid, and which files they block; inside a session."""

from collections.abc import Mapping, Sequence
from typing import Final

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


def withdrawn(filename: str) -> QuarantinedError:
    """Return the refusal of an upload that would bring back what a quarantine has taken away."""
    return QuarantinedError(
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


BLOCKED: Final = """
    (EXISTS (SELECT 1 FROM hold h WHERE h.blake3 = $blake3 AND h.is_blocked)
    OR EXISTS (SELECT 1 FROM hold h
      WHERE h.subdir_id = s.id AND h.filename = $filename AND h.is_blocked))
"""
"""A condition on ``subdir s``, true where a file is blocked that has this name or these bytes.

Bytes may not come back under another name or elsewhere either.
"""

_BLOCKED_NAMED = """
    SELECT artifact_id FROM hold
    WHERE subdir_id = $subdir_id AND filename = $filename AND is_blocked
"""
