"""What a patch may write into a record, and in which form (CEP 36, 44, 45).

Names, versions, builds, hashes, sizes and ``indexed_timestamp`` are facts about the file: no
patch reaches them.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from graphrepo.conda.dependencies import FLAG, GROUP
from graphrepo.conda.index_json import is_inside
from graphrepo.conda.matchspec import V3_KEYS, bracket_form, spec_keys
from graphrepo.conda.names import quoted
from graphrepo.conda.run_exports_json import KEYS as RUN_EXPORTS
from graphrepo.errors import InvalidInputError, InvalidMatchSpecError

Changes = Mapping[str, Any]
"""A partial record: key to new value, or none to delete the key."""


def check_changes(changes: object, place: str, *, is_v3: bool, version: int) -> dict[str, Any]:
    """Return the changes in the form that ``apply`` writes.

    Args:
        changes: The partial record as it was sent.
        place: The file the changes are for, for the sentence of the error.
        is_v3: Whether they stand under ``v3``, where ``extra_depends`` and ``flags`` may be set.
        version: Of the instructions; 2 may set ``run_exports``.

    Raises:
        InvalidInputError: A key may not be patched, or its value has the wrong form.
    """
    checked: dict[str, Any] = {}
    for key, value in _mapping(changes, place).items():
        check = _writable(key, place, is_v3=is_v3, version=version)
        checked[key] = None if value is None else check(value, f"{key} of {place}")
    _settle_specs(checked, place, bracket_form if is_v3 else _legacy_spec)
    return checked


def _writable(key: str, place: str, *, is_v3: bool, version: int) -> Callable[[object, str], Any]:
    """Return the check of a key's value."""
    check = _CHECKS.get(key)
    if check is None:
        known = ", ".join(sorted(_CHECKS))
        raise InvalidInputError(
            f"{place} has a patch for {quoted(key)}, which no patch may write; use one of: {known}."
        )
    if key in _V3_ONLY and not is_v3:
        raise InvalidInputError(
            f"{place} is no v3 package and cannot have {quoted(key)}; patch it under v3, or leave"
            " the key out."
        )
    if key == "run_exports" and version == 1:
        raise InvalidInputError(
            f"{place} has a patch for run_exports; set patch_instructions_version to 2 for that."
        )
    return check


def _settle_specs(changes: dict[str, Any], place: str, settle: Callable[[str], str]) -> None:
    """Bring the specs into the form of the map they are for, in place."""
    try:
        for key in changes.keys() & {"depends", "constrains"}:
            changes[key] = _settled(changes[key], settle)
        if groups := changes.get("extra_depends"):
            changes["extra_depends"] = {
                group: _settled(specs, settle) for group, specs in groups.items()
            }
    except InvalidMatchSpecError as error:
        raise InvalidInputError(f"The patch for {place} cannot be used: {error}") from error


def _settled(specs: list[str] | None, settle: Callable[[str], str]) -> list[str] | None:
    return None if specs is None else [settle(spec) for spec in specs]


def _legacy_spec(spec: str) -> str:
    """Refuse a spec that would make the record v3 and move it out of its map (CEP 43)."""
    if spec_keys(spec) & V3_KEYS:
        raise InvalidMatchSpecError(
            f"{quoted(spec)} would turn it into a v3 package; leave out when, extras and flags."
        )
    return spec


def _mapping(value: object, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidInputError(f"The patch for {place} must be a JSON object.")
    return cast("dict[str, Any]", value)


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise InvalidInputError(f"The patch for {place} must be a string or null.")
    return value


def _words(value: object, place: str) -> str:
    """Return features as records hold them: one string, never a list."""
    if isinstance(value, list):
        return " ".join(_texts(cast("object", value), place))
    return _text(value, place)


def _texts(value: object, place: str) -> list[str]:
    items = cast("list[object]", value) if isinstance(value, list) else [None]
    if not all(isinstance(item, str) for item in items):
        raise InvalidInputError(f"The patch for {place} must be a list of strings or null.")
    return cast("list[str]", items)


def _flags(value: object, place: str) -> list[str]:
    flags = _texts(value, place)
    for flag in flags:
        if not FLAG.fullmatch(flag):
            raise InvalidInputError(
                f"The patch for {place} has the flag {quoted(flag)}; write name or name:value in"
                " lowercase letters, digits and underscores."
            )
    return flags


def _groups(value: object, place: str) -> dict[str, list[str] | None]:
    groups = _named_lists(value, place)
    for group in groups:
        if not GROUP.fullmatch(group):
            raise InvalidInputError(
                f"The patch for {place} has the group {quoted(group)}; use up to 64 lowercase"
                " letters, digits and _.+- in its name."
            )
    return groups


def _exports(value: object, place: str) -> dict[str, list[str] | None]:
    exports = _named_lists(value, place)
    if unknown := sorted(exports.keys() - set(RUN_EXPORTS)):
        kinds = ", ".join(RUN_EXPORTS)
        raise InvalidInputError(
            f"The patch for {place} has the kind {quoted(unknown[0])}; use one of: {kinds}."
        )
    return exports


def _named_lists(value: object, place: str) -> dict[str, list[str] | None]:
    """Return lists of specs by name; none deletes the name."""
    return {
        name: None if specs is None else _texts(specs, f"{name} in {place}")
        for name, specs in _mapping(value, place).items()
    }


def _inner_path(value: object, place: str) -> str:
    """Return a path below the prefix (CEP 17)."""
    path = _text(value, place)
    if not is_inside(path):
        raise InvalidInputError(
            f"The patch for {place} is {quoted(path)}; name a folder inside the prefix,"
            " without '..'."
        )
    return path


_V3_ONLY = frozenset({"extra_depends", "flags"})

_CHECKS: dict[str, Callable[[object, str], Any]] = {
    "constrains": _texts,
    "depends": _texts,
    "extra_depends": _groups,
    "features": _words,
    "flags": _flags,
    "license": _text,
    "license_family": _text,
    "purls": _texts,
    "python_site_packages_path": _inner_path,
    "run_exports": _exports,
    "track_features": _words,
}
"""The keys a patch may write, each with the check of its value."""
