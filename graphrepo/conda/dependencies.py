"""What a package needs and offers, and whether only v3 clients can understand it."""

import re
from dataclasses import dataclass
from typing import cast

from graphrepo.conda.json_fields import Document, is_integer, text_list, texts, wrong
from graphrepo.conda.matchspec import V3_KEYS, bracket_form, spec_keys
from graphrepo.conda.names import quoted
from graphrepo.errors import InvalidMetadataError

_SCHEMA_3 = 3  # CEP 43 and later
_SPECS = 10_000
GROUP = re.compile(r"[a-z0-9_.+-]{1,64}")  # CEP 44
FLAG = re.compile(r"[a-z0-9_]+(?::[a-z0-9_]+)?")  # CEP 45
# What may follow a name in a MatchSpec (CEP 29), and what no name holds.
_AFTER_NAME = re.compile(r"[\s\[]")
_OUTSIDE_NAME = re.compile(r"[^A-Za-z0-9_.-]")


@dataclass(frozen=True)
class Dependencies:
    """The part of a record that a solver resolves, keyed as in the record."""

    fields: dict[str, object]
    is_v3: bool


def read_dependencies(index: Document) -> Dependencies:
    """Check all specs, groups and flags of an index.json.

    Specs stay as written in legacy records; v3 records hold them in the form of CEP 48.

    Raises:
        InvalidMetadataError: a list, group or flag is malformed.
        InvalidMatchSpecError: a spec is.
    """
    depends, constrains = texts(index, "depends"), texts(index, "constrains")
    groups, flags = _groups(index), _flags(index)
    if len(depends) + len(constrains) + sum(map(len, groups.values())) > _SPECS:
        message = f"The package has more than {_SPECS} dependencies; split it."
        raise InvalidMetadataError(message)
    keys = {key for spec in (*depends, *constrains) for key in spec_keys(spec)}
    is_v3 = bool(groups or flags or keys & V3_KEYS or _schema(index) >= _SCHEMA_3)
    if is_v3:
        depends, constrains = _bracketed(depends), _bracketed(constrains)
    extra_depends = {group: _bracketed(specs) for group, specs in groups.items()}
    fields: dict[str, object] = {
        "depends": depends,
        "constrains": constrains,
        "extra_depends": extra_depends,
        "flags": flags,
    }
    return Dependencies(fields, is_v3)


def needed_name(spec: str) -> str:
    """Return the name in ``channel/subdir:namespace:name>=1``, a spec of a published package."""
    address = _AFTER_NAME.split(spec.strip(), maxsplit=1)[0]
    return _OUTSIDE_NAME.split(address.rpartition(":")[2], maxsplit=1)[0].lower()


def _bracketed(specs: list[str]) -> list[str]:
    return [bracket_form(spec) for spec in specs]


def _schema(index: Document) -> int:
    """Return the newest format that the index.json asks for, in either of its two words."""
    versions = [index.get(key, 1) for key in ("schema_version", "repodata_revision")]
    if not all(is_integer(version) for version in versions):
        raise wrong("schema_version' or 'repodata_revision", "an integer")
    return max(versions)


def _groups(index: Document) -> dict[str, list[str]]:
    value: object = index.get("extra_depends") or {}
    if not isinstance(value, dict):
        raise wrong("extra_depends", "an object of lists of strings")
    groups = cast("dict[str, object]", value)
    for group in groups:
        if not GROUP.fullmatch(group):
            message = (
                f"The dependency group {quoted(group)} must be 1 to 64 of a-z, 0-9, '_', '.', '+'"
                " and '-' (CEP 44); rename it."
            )
            raise InvalidMetadataError(message)
    return {group: text_list(specs, "extra_depends") for group, specs in groups.items()}


def _flags(index: Document) -> list[str]:
    flags = texts(index, "flags")
    for flag in flags:
        if not FLAG.fullmatch(flag):
            message = (
                f"The flag {quoted(flag)} must be of a-z, 0-9 and '_', with at most one ':' inside"
                " (CEP 45); rename it."
            )
            raise InvalidMetadataError(message)
    return flags
