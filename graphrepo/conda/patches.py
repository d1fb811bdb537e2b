"""Repodata patches: corrections to records whose files never change.

The rules are those of conda-index, which every existing patch package is written for: a value
of null deletes its key, a list replaces the list that was there, and a map is merged key by
key. What is said about a ``.tar.bz2`` holds for its ``.conda`` twin too, which has the same
content; what is said about the ``.conda`` itself is written on top. One engine serves
repodata.json and shards alike, so both always agree.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import msgspec

from graphrepo.conda.names import parse_filename, quoted
from graphrepo.conda.patch_values import Changes, check_changes
from graphrepo.conda.record import canonical_json
from graphrepo.errors import InvalidInputError, InvalidPackageError

REVOKED_DEPENDENCY = "package_has_been_revoked"
"""A name that no channel has, so that no solver picks a revoked record."""

_TAR = ".tar.bz2"
_CONDA = ".conda"
_KEYS = frozenset(
    {"patch_instructions_version", "packages", "packages.conda", "v3", "remove", "revoke"}
)
_EMPTY: tuple[object, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class PatchInstructions:
    """Checked instructions of one subdir, by full file name.

    Attributes:
        version: 2 may patch run_exports, 1 may not.
        packages: Partial records of files in the two legacy maps.
        v3: Partial records of files under ``v3``.
        remove: Files to yank.
        revoke: Files to make impossible to install, while they stay listed.
    """

    version: Literal[1, 2] = 1
    packages: Mapping[str, Changes] = field(default_factory=dict[str, Changes])
    v3: Mapping[str, Changes] = field(default_factory=dict[str, Changes])
    remove: frozenset[str] = frozenset()
    revoke: frozenset[str] = frozenset()

    def filenames(self) -> frozenset[str]:
        """Return every file the instructions speak of."""
        return self.remove | self.revoke | self.packages.keys() | self.v3.keys()

    def removes(self, filename: str) -> bool:
        """Return whether the file is yanked: naming either twin yanks both."""
        return not self.remove.isdisjoint({filename, twin(filename)})

    def revokes(self, filename: str) -> bool:
        """Return whether the file is revoked, itself or through its ``.tar.bz2`` twin."""
        return not self.revoke.isdisjoint(_spoken_for(filename))

    def changes(self, filename: str, *, is_v3: bool) -> Iterator[Changes]:
        """Yield the changes for a file, in the order in which they are written."""
        entries = self.v3 if is_v3 else self.packages
        return (entries[name] for name in _spoken_for(filename) if name in entries)


NO_PATCHES = PatchInstructions()
"""Changes nothing."""


def twin(filename: str) -> str:
    """Return the name of the same build in the other archive format."""
    if filename.endswith(_CONDA):
        return filename.removesuffix(_CONDA) + _TAR
    return filename.removesuffix(_TAR) + _CONDA


def parse_instructions(source: bytes | Mapping[str, Any]) -> PatchInstructions:
    """Read patch_instructions.json, or the object it holds.

    Raises:
        InvalidInputError: It is no JSON object of version 1 or 2, names something that is no
            package file, or writes a key that no patch may write.
    """
    content = _content(source)
    if unknown := sorted(content.keys() - _KEYS):
        raise InvalidInputError(
            f"The patch instructions have the key {quoted(unknown[0])}, which means nothing;"
            f" use only: {', '.join(sorted(_KEYS))}."
        )
    version = content.get("patch_instructions_version")
    if version not in (1, 2):
        raise InvalidInputError(
            f"The patch_instructions_version is {version!r}; this server reads 1 and 2."
        )
    v3 = _object(content.get("v3", {}), "v3")
    if unknown := sorted(v3.keys() - {"conda", "tar.bz2"}):
        raise InvalidInputError(f"v3 has the key {quoted(unknown[0])}; use conda and tar.bz2.")
    return PatchInstructions(
        version=version,
        packages=dict(
            [
                *_entries(content.get("packages", {}), "packages", version),
                *_entries(content.get("packages.conda", {}), "packages.conda", version),
            ]
        ),
        v3=dict(
            [
                *_entries(v3.get("tar.bz2", {}), "v3.tar.bz2", version),
                *_entries(v3.get("conda", {}), "v3.conda", version),
            ]
        ),
        remove=_filenames(content.get("remove", []), "remove"),
        revoke=_filenames(content.get("revoke", []), "revoke"),
    )


def check_files(instructions: PatchInstructions, existing: Container[str]) -> None:
    """Refuse instructions for files that the subdir does not have.

    A patch package is written for a whole channel and may name files that a partial mirror
    lacks: those are passed over. A person's edit is checked with this.

    Raises:
        InvalidInputError: A file is missing; the first missing name is in the sentence.
    """
    for filename in sorted(instructions.filenames()):
        if filename not in existing:
            raise InvalidInputError(
                f"The patch names {filename}, which this subdir does not have; check the name."
            )


def apply(
    record: Mapping[str, Any], filename: str, instructions: PatchInstructions
) -> dict[str, Any]:
    """Return the record as patched; the given one is left alone.

    The result is what ``canonical_json`` turns into the bytes to list. ``run_exports`` is no
    part of it, see ``apply_run_exports``; whether the file is listed at all says ``removes``.
    """
    is_v3 = "fn" in record  # only v3 records carry their file name
    patched = dict(record)
    for changes in instructions.changes(filename, is_v3=is_v3):
        _merge(patched, {key: new for key, new in changes.items() if key != "run_exports"})
    patched = {key: value for key, value in patched.items() if value not in _EMPTY}
    patched.setdefault("depends", [])  # the one list that stays when it is empty
    if instructions.revokes(filename):
        others = [spec for spec in patched["depends"] if spec != REVOKED_DEPENDENCY]
        patched |= {"depends": [*others, REVOKED_DEPENDENCY], "revoked": True}
    return patched


def apply_run_exports(
    text: str | None, filename: str, instructions: PatchInstructions, *, is_v3: bool
) -> str | None:
    """Return a file's run_exports as patched: JSON text, or none where nothing is left.

    run_exports.json and shards show the same, so both must ask here (CEP 21).
    """
    changes = [
        entry["run_exports"]
        for entry in instructions.changes(filename, is_v3=is_v3)
        if "run_exports" in entry
    ]
    if not changes:
        return text
    exports: dict[str, Any] = msgspec.json.decode(text or "{}")
    for change in changes:
        _merge(exports, dict.fromkeys(exports) if change is None else change)
    kept = {kind: specs for kind, specs in exports.items() if specs}
    return canonical_json(kept).decode() if kept else None


def changes_of(
    filename: str, instructions: PatchInstructions, *, is_v3: bool
) -> dict[str, Any] | None:
    """Return all keys that instructions write in a file's record, or none where they say nothing.

    A key they delete is null. ``revoked`` is true where they revoke the file.
    """
    written: dict[str, Any] = {}
    for changes in instructions.changes(filename, is_v3=is_v3):
        written |= changes
    if instructions.revokes(filename):
        written["revoked"] = True
    return written or None


def instructions_json(instructions: PatchInstructions) -> bytes:
    """Return patch_instructions.json; reading it back gives equal instructions."""
    content: dict[str, Any] = {
        "packages": dict(_ending(instructions.packages, _TAR)),
        "packages.conda": dict(_ending(instructions.packages, _CONDA)),
        "patch_instructions_version": instructions.version,
        "remove": sorted(instructions.remove),
        "revoke": sorted(instructions.revoke),
    }
    if instructions.v3:
        content["v3"] = {
            extension[1:]: {
                name.removesuffix(extension): changes
                for name, changes in _ending(instructions.v3, extension)
            }
            for extension in (_CONDA, _TAR)
        }
    return canonical_json(content)


def _content(source: bytes | Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(source, bytes):
        return source
    try:
        return _object(msgspec.json.decode(source), "The document")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInputError(f"The patch instructions are not JSON: {error}.") from error


def _object(value: object, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidInputError(f"{place} of the patch instructions must be a JSON object.")
    return cast("dict[str, Any]", value)


def _entries(value: object, section: str, version: int) -> Iterator[tuple[str, Changes]]:
    """Yield a section's partial records by full file name, checked."""
    is_v3 = section.startswith("v3.")
    extension = _CONDA if section.endswith("conda") else _TAR
    for key, changes in _object(value, section).items():
        filename = _filename(key + extension if is_v3 else key, section)
        if not filename.endswith(extension):
            raise InvalidInputError(
                f"{section} of the patch instructions names {quoted(key)}; only {extension} files"
                " are patched there."
            )
        yield filename, check_changes(changes, filename, is_v3=is_v3, version=version)


def _filenames(value: object, section: str) -> frozenset[str]:
    if not isinstance(value, list):
        raise InvalidInputError(f"{section} of the patch instructions must be a list of files.")
    return frozenset(_filename(item, section) for item in cast("list[object]", value))


def _filename(value: object, section: str) -> str:
    try:
        return str(parse_filename(str(value)))
    except InvalidPackageError as error:
        raise InvalidInputError(f"{section} of the patch instructions: {error}") from error


def _spoken_for(filename: str) -> tuple[str, ...]:
    """Return the names whose entries hold for a file, the file's own last."""
    return (twin(filename), filename) if filename.endswith(_CONDA) else (filename,)


def _merge(target: dict[str, Any], changes: Changes) -> None:
    """Write the changes into ``target``, which keeps no object of theirs that could change."""
    for key, value in changes.items():
        if value is None:
            target.pop(key, None)
        elif isinstance(value, dict):
            inner: dict[str, Any] = dict(target.get(key) or {})
            _merge(inner, cast("Changes", value))
            target[key] = inner
        else:
            target[key] = list(cast("list[str]", value)) if isinstance(value, list) else value


def _ending(entries: Mapping[str, Changes], extension: str) -> Iterable[tuple[str, Changes]]:
    return ((name, changes) for name, changes in entries.items() if name.endswith(extension))
