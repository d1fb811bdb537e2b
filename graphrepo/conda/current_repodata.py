"""``current_repodata.json``: the few records that most installs need.

Only conda's classic solver reads it. It keeps the newest version of every name, then whatever
the kept records depend on and do not find among themselves, until nothing more is missing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from rattler import MatchSpec, PackageRecord
from rattler.package import BuildString

from graphrepo.conda.matchspec import check_matchspec
from graphrepo.conda.versions import sort_key
from graphrepo.errors import InvalidMatchSpecError


class _Candidate(NamedTuple):
    """A file that may be kept."""

    filename: str
    version_key: bytes
    package: PackageRecord
    depends: tuple[str, ...]


_ByName = dict[str, list[_Candidate]]


def current(
    records: Iterable[tuple[str, Mapping[str, Any]]],
    pins: Mapping[str, Iterable[str]] | None = None,
) -> frozenset[str]:
    """Return the file names that current_repodata.json lists.

    All builds of a version stay together. A dependency that no listed record can meet, because
    another subdir has it or nothing does, is passed over.

    Args:
        records: File names with their records, after patches and without v3 records.
        pins: Version specs to keep beside the newest, by name: ``{"python": ["2.7.*"]}``.
    """
    listed: _ByName = defaultdict(list)
    for filename, record in records:
        listed[record["name"]].append(_candidate(filename, record))
    kept: _ByName = {name: _newest(group) for name, group in listed.items()}
    pinned = {f"{name} {pin}" for name, versions in (pins or {}).items() for pin in versions}
    _complete(listed, kept, pinned)
    return frozenset(item.filename for group in kept.values() for item in group)


def _complete(listed: _ByName, kept: _ByName, pinned: set[str]) -> None:
    """Add to ``kept``, in place, until every spec that can be met is met."""
    seen = set(pinned)
    waiting = list(pinned)
    for group in kept.values():
        waiting += _new_specs(group, seen)
    while waiting:
        added = _missing(waiting.pop(), listed, kept)
        waiting += _new_specs(added, seen)


def _missing(text: str, listed: _ByName, kept: _ByName) -> list[_Candidate]:
    """Keep, and return, the newest records that meet a spec which no kept record meets."""
    spec = _parsed(text)
    name = spec.name.normalized if spec and spec.name else ""
    if spec is None or any(spec.matches(item.package) for item in kept.get(name, ())):
        return []
    added = _newest([item for item in listed.get(name, ()) if spec.matches(item.package)])
    if added:
        kept[name] += added
    return added


def _new_specs(group: Iterable[_Candidate], seen: set[str]) -> list[str]:
    """Return the group's dependencies that were not looked at before, and mark them as seen."""
    fresh = {text for item in group for text in item.depends} - seen
    seen |= fresh
    return sorted(fresh)


def _newest(group: list[_Candidate]) -> list[_Candidate]:
    """Return all builds of the highest version."""
    highest = max((item.version_key for item in group), default=b"")
    return [item for item in group if item.version_key == highest]


def _parsed(text: str) -> MatchSpec | None:
    """Return the spec, or none for one that old records hold and no parser reads."""
    try:
        return MatchSpec(check_matchspec(text))
    except InvalidMatchSpecError:
        return None


def _candidate(filename: str, record: Mapping[str, Any]) -> _Candidate:
    package = PackageRecord(
        record["name"],
        record["version"],
        BuildString.new_unchecked(record["build"]),
        record["build_number"],
        record["subdir"],
    )
    return _Candidate(
        filename, sort_key(record["version"]), package, tuple(record.get("depends", ()))
    )
