"""The files that a selection means, as they are now; inside a session.

Files that another quarantine has taken out of their channel are among them: when that one
ends, they must not come back although this one meant them too.
"""

from collections.abc import Iterable

from graphrepo.clock import milliseconds
from graphrepo.conda.matching import FileMatcher, Identity
from graphrepo.errors import InvalidInputError, NotFoundError
from graphrepo.model.database import rows
from graphrepo.registry.quarantine_views import ChannelFile, Selection

MAX_FILES = 10_000
"""Files of one quarantine at most: all of them change in one transaction."""

_MAX_CHANNELS = 500


def matcher_of(selection: Selection) -> FileMatcher | None:
    """Return the matcher of the selection's spec; none where it has no spec.

    Raises:
        InvalidInputError: the selection says nothing, or names files and says more.
        InvalidMatchSpecError: its spec cannot select files.
    """
    narrowed = bool(selection.match_spec or selection.uploaded_from or selection.uploaded_to)
    if bool(selection.files) == narrowed or (selection.files and selection.channels):
        raise InvalidInputError(
            "Name the files, or select them by a MatchSpec, a span of upload times or both,"
            " in all channels or in those named."
        )
    if len(selection.channels) > _MAX_CHANNELS:
        raise InvalidInputError(f"Name at most {_MAX_CHANNELS} channels.")
    return FileMatcher.of(selection.match_spec) if selection.match_spec else None


def selected(selection: Selection, matcher: FileMatcher | None) -> tuple[int, ...]:
    """Return the ids of the files, by channel, subdir and name.

    Raises:
        NotFoundError: a file or a channel that it names does not exist.
        InvalidInputError: there are over ``MAX_FILES``.
    """
    if len(selection.files) > MAX_FILES:
        raise _too_many()
    if selection.files:
        return tuple(dict.fromkeys(map(_named, selection.files)))
    found = _narrowed(selection, matcher)
    if len(found) > MAX_FILES:
        raise _too_many()
    return tuple(found)


def _narrowed(selection: Selection, matcher: FileMatcher | None) -> list[int]:
    values: dict[str, object] = {"limit": MAX_FILES + 1}
    conditions = [f"s.channel_id IN ({_channel_ids(selection.channels)})"]
    if selection.uploaded_from is not None:
        conditions.append("a.uploaded_at >= $since")
        values["since"] = milliseconds(selection.uploaded_from)
    if selection.uploaded_to is not None:
        conditions.append("a.uploaded_at <= $until")
        values["until"] = milliseconds(selection.uploaded_to)
    if matcher is None:
        sql = f"{_SELECT} WHERE {_PRESENT} AND {' AND '.join(conditions)} {_ORDER} LIMIT $limit"
        return [ident for ident, *_ in rows(sql, **values)]
    conditions.append("p.name = $name")
    sql = f"{_SELECT} WHERE {_PRESENT} AND {' AND '.join(conditions)} {_ORDER}"
    found = rows(sql, name=matcher.name, **values)
    return [ident for ident, *facts in found if matcher.matches(Identity(*facts))]


def _channel_ids(names: Iterable[str]) -> str:
    """Return the inside of an IN for channels; all of them where none is named."""
    idents = [str(_channel_id(name)) for name in dict.fromkeys(names)]
    return ",".join(idents) or "SELECT id FROM channel"


def _channel_id(name: str) -> int:
    found = rows("SELECT id FROM channel WHERE name = $name", name=name)
    if not found:
        raise NotFoundError(f"There is no channel {name}; check the name.")
    return found[0][0]


def _named(file: ChannelFile) -> int:
    found = rows(_NAMED, channel=file.channel, subdir=file.subdir, filename=file.filename)
    if not found:
        raise NotFoundError(
            f"There is no file {file.subdir}/{file.filename} in a channel {file.channel}."
        )
    return found[0][0]


def _too_many() -> InvalidInputError:
    return InvalidInputError(f"More than {MAX_FILES} files are selected; narrow the selection.")


_SELECT = """
    SELECT a.id, p.name, a.version, a.build, a.build_number, s.name, a.md5, a.sha256
    FROM artifact a JOIN package p ON p.id = a.package_id JOIN subdir s ON s.id = a.subdir_id
    JOIN channel c ON c.id = s.channel_id LEFT JOIN hold h ON h.artifact_id = a.id
"""
_PRESENT = "(a.removed_in IS NULL OR h.is_blocked)"
_ORDER = "ORDER BY c.name, s.name, a.filename"
_NAMED = """
    SELECT a.id FROM artifact a JOIN subdir s ON s.id = a.subdir_id
    JOIN channel c ON c.id = s.channel_id
    WHERE c.name = $channel AND s.name = $subdir AND a.filename = $filename
      AND a.removed_in IS NULL
    UNION ALL
    SELECT h.artifact_id FROM hold h JOIN subdir s ON s.id = h.subdir_id
    JOIN channel c ON c.id = s.channel_id
    WHERE c.name = $channel AND s.name = $subdir AND h.filename = $filename AND h.is_blocked
"""
