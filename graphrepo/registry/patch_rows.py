"""Patch instructions as rows, one for each file name, so a publish looks up only its own."""

import json
from collections.abc import Iterable
from typing import Any

from graphrepo.conda.patches import PatchInstructions, changes_of, twin
from graphrepo.model.database import Row, rows
from graphrepo.model.entities import Patch, Subdir
from graphrepo.model.many import rows_of_ids

_COLUMNS = "filename, changes, is_v3, removes, revokes"


def instructions_of_subdir(subdir_id: int) -> PatchInstructions:
    """Return all instructions of a subdir; inside a session."""
    sql = f"SELECT {_COLUMNS} FROM patch WHERE subdir_id = $subdir_id ORDER BY filename"
    return _instructions(rows(sql, subdir_id=subdir_id))


def instructions_for(subdir_id: int, filename: str) -> PatchInstructions:
    """Return what instructions say about a file, by its own name or its twin's."""
    sql = f"""SELECT {_COLUMNS} FROM patch
        WHERE subdir_id = $subdir_id AND filename IN ($own, $other)"""
    return _instructions(rows(sql, subdir_id=subdir_id, own=filename, other=twin(filename)))


def changes_of_files(artifact_ids: tuple[int, ...]) -> dict[int, dict[str, Any]]:
    """Return what patches write in the records of files; those without a patch are left out."""
    said: dict[tuple[int, str, bool], list[Row]] = {}
    for ident, filename, is_v3, *patch in rows_of_ids(_PATCHES_OF_FILES, artifact_ids):
        said.setdefault((ident, filename, bool(is_v3)), []).append(tuple(patch))
    found = {
        ident: changes_of(filename, _instructions(patches), is_v3=is_v3)
        for (ident, filename, is_v3), patches in said.items()
    }
    return {ident: changes for ident, changes in found.items() if changes is not None}


def replace_instructions(subdir: Subdir, instructions: PatchInstructions) -> frozenset[str]:
    """Put these in place of a subdir's instructions; return the names that they touch anew."""
    before = instructions_of_subdir(subdir.id)
    rows("DELETE FROM patch WHERE subdir_id = $subdir_id", subdir_id=subdir.id)
    for filename in sorted(instructions.filenames()):
        _insert(subdir, filename, instructions)
    names = before.filenames() | instructions.filenames()
    return frozenset(name for name in names if _said(before, name) != _said(instructions, name))


def merge_instructions(subdir: Subdir, edit: PatchInstructions) -> frozenset[str]:
    """Put the changes of these files in place of theirs; removals and revocations stay.

    Returns the names that are patched otherwise than before.
    """
    touched: set[str] = set()
    for filename in edit.filenames():
        is_v3 = filename in edit.v3
        changes = json.dumps((edit.v3 if is_v3 else edit.packages)[filename], sort_keys=True)
        patch = Patch.get(subdir=subdir, filename=filename) or Patch(
            subdir=subdir, filename=filename, is_v3=is_v3
        )
        if patch.changes != changes:
            patch.changes = changes
            touched.add(filename)
        if changes == "{}" and not (patch.removes or patch.revokes):
            patch.delete()
    return frozenset(touched)


def _insert(subdir: Subdir, filename: str, instructions: PatchInstructions) -> None:
    is_v3 = filename in instructions.v3
    changes = (instructions.v3 if is_v3 else instructions.packages).get(filename, {})
    Patch(
        subdir=subdir,
        filename=filename,
        changes=json.dumps(changes, sort_keys=True),
        is_v3=is_v3,
        removes=filename in instructions.remove,
        revokes=filename in instructions.revoke,
    )


def _said(instructions: PatchInstructions, filename: str) -> tuple[object, ...]:
    return (
        instructions.packages.get(filename),
        instructions.v3.get(filename),
        filename in instructions.remove,
        filename in instructions.revoke,
    )


def _instructions(found: Iterable[Row]) -> PatchInstructions:
    legacy: dict[str, dict[str, Any]] = {}
    v3: dict[str, dict[str, Any]] = {}
    remove: set[str] = set()
    revoke: set[str] = set()
    for filename, text, is_v3, removes, revokes in found:
        changes = json.loads(text)
        if changes:
            (v3 if is_v3 else legacy)[filename] = changes
        if removes:
            remove.add(filename)
        if revokes:
            revoke.add(filename)
    needs_two = any("run_exports" in changes for changes in (*legacy.values(), *v3.values()))
    return PatchInstructions(
        version=2 if needs_two else 1,
        packages=legacy,
        v3=v3,
        remove=frozenset(remove),
        revoke=frozenset(revoke),
    )


# What is said of a .tar.bz2 holds for its .conda as well, whose name differs in the ending alone.
_PATCHES_OF_FILES = """
    SELECT a.id, a.filename, a.is_v3, p.filename, p.changes, p.is_v3, p.removes, p.revokes
    FROM artifact a JOIN patch p ON p.subdir_id = a.subdir_id AND p.filename IN (
      a.filename, substr(a.filename, 1, length(a.filename) - length('.conda')) || '.tar.bz2')
    WHERE a.id IN ({ids})
"""
