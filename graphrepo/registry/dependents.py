"""Which packages need which others: what the files of a package's latest version depend on.

The rows say what the records say, patches applied. Only a change of a package's files or of
their records changes them, and each of these passes ``artifact_rows``. Names alone count: that a
package needs zlib 1.2 and the channel holds 1.3 is for a solver to find out.
"""

from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec

from graphrepo.conda.dependencies import needed_name
from graphrepo.model.database import rows, stream
from graphrepo.model.many import each_text, text_list

_LONGEST = 64  # letters of a package's name


class _Record(msgspec.Struct):
    """What a record says of the packages that its file needs."""

    depends: tuple[str, ...] = ()


def add_dependencies(package_id: int, depends: Iterable[str]) -> None:
    """Note what a further file of a package's latest version needs; inside ``transact``."""
    if needed := _named(depends):
        texts, names = each_text("$names"), text_list(needed)
        rows(_ADD.format(texts=texts), package_id=package_id, names=names)


def renew_dependencies(package_id: int) -> None:
    """Note anew what all files of a package's latest version need; inside ``transact``."""
    records = (record for (record,) in rows(_OF_LATEST, package_id=package_id))
    names, texts = text_list(_needed(records)), each_text("$names")
    rows(_FORGET_OTHERS.format(texts=texts), package_id=package_id, names=names)
    rows(_ADD.format(texts=texts), package_id=package_id, names=names)


def misnoted() -> Iterator[int]:
    """Yield the packages whose rows do not say what their files need; inside one snapshot."""
    noted: dict[int, set[str]] = {}
    for ident, name in stream("SELECT package_id, name FROM dependency"):
        noted.setdefault(ident, set()).add(name)
    needed: dict[int, set[str]] = {}
    for ident, record in stream(_OF_ALL):
        needed.setdefault(ident, set()).update(_needed([record]))
    wanted = {ident: names for ident, names in needed.items() if names}
    yield from (ident for ident in wanted | noted if wanted.get(ident) != noted.get(ident))


def _needed(records: Iterable[bytes]) -> set[str]:
    return _named(chain.from_iterable(map(_depends, records)))


def _named(depends: Iterable[str]) -> set[str]:
    names = map(needed_name, depends)
    return {name for name in names if 0 < len(name) <= _LONGEST}


def _depends(record: bytes) -> tuple[str, ...]:
    try:
        return msgspec.json.decode(record, type=_Record).depends
    except msgspec.MsgspecError:  # a damaged row, which keeps nobody from deleting the file
        return ()


_ADD = """
    INSERT INTO dependency (package_id, name, channel_id, dependent)
    SELECT p.id, value, p.channel_id, p.name FROM package p, {texts}
    WHERE p.id = $package_id ON CONFLICT DO NOTHING
"""
_FORGET_OTHERS = """
    DELETE FROM dependency
    WHERE package_id = $package_id AND name NOT IN (SELECT value FROM {texts})
"""
_LATEST = "a.package_id = p.id AND a.version = p.latest_version AND a.removed_in IS NULL"
_OF_LATEST = f"""
    SELECT a.record FROM package p JOIN artifact a ON {_LATEST} WHERE p.id = $package_id
"""
_OF_ALL = f"SELECT p.id, a.record FROM package p JOIN artifact a ON {_LATEST}"
