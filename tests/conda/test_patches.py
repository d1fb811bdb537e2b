"""Repodata patches: what they may change, and how."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrepo.conda.patches import (
    NO_PATCHES,
    apply,
    apply_run_exports,
    changes_of,
    instructions_json,
    parse_instructions,
    twin,
)
from graphrepo.conda.record import canonical_json
from graphrepo.errors import InvalidInputError
from tests.builders import package
from tests.conda.listings import Listed, instructions, listed

TAR = Listed("a-1-0.tar.bz2", more={"depends": ["zlib"], "license": "MIT"})
CONDA = Listed("a-1-0.conda", more={"depends": ["zlib"], "license": "MIT"})
V3 = Listed(
    "a-1-0.conda",
    is_v3=True,
    more={"extra_depends": {"cli": ["rich"], "dev": ["pytest"]}, "flags": ["cuda"]},
)


def patched(item: Listed, **content: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return apply(json.loads(item.json), item.filename, instructions(**content))


def changed(item: Listed, **content: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return the keys that the patch changed; a deleted key is none."""
    before, after = json.loads(item.json), patched(item, **content)
    keys = before.keys() | after.keys()
    return {key: after.get(key) for key in keys if before.get(key) != after.get(key)}


class TestApplying:
    def test_no_patches_change_nothing(self) -> None:
        assert apply(json.loads(CONDA.json), CONDA.filename, NO_PATCHES) == json.loads(CONDA.json)

    def test_other_files_stay_as_they_are(self) -> None:
        assert changed(CONDA, packages_conda={"b-1-0.conda": {"license": "BSD"}}) == {}

    def test_a_list_replaces_the_list(self) -> None:
        patch = {"a-1-0.conda": {"depends": ["zlib >=1.3"]}}
        assert changed(CONDA, packages_conda=patch) == {"depends": ["zlib >=1.3"]}

    def test_null_deletes_the_key(self) -> None:
        patch = {"a-1-0.conda": {"license": None, "constrains": None}}
        assert changed(CONDA, packages_conda=patch) == {"license": None}

    @pytest.mark.parametrize("nothing", [None, []])
    def test_depends_stay_as_an_empty_list(self, nothing: list[str] | None) -> None:
        patch = {"a-1-0.conda": {"depends": nothing}}
        assert patched(CONDA, packages_conda=patch)["depends"] == []

    def test_an_emptied_key_leaves_the_record(self) -> None:
        patch: dict[str, Any] = {"a-1-0.conda": {"license": "", "constrains": []}}
        assert not patched(CONDA, packages_conda=patch).keys() & {"license", "constrains"}

    def test_zero_is_not_empty(self) -> None:
        assert patched(CONDA)["build_number"] == 0

    def test_features_become_one_string(self) -> None:
        patch = {"a-1-0.conda": {"track_features": ["mkl", "debug"], "features": "nomkl"}}
        assert changed(CONDA, packages_conda=patch) == {
            "track_features": "mkl debug",
            "features": "nomkl",
        }

    def test_a_tar_bz2_entry_holds_for_its_conda_twin(self) -> None:
        patch = {"a-1-0.tar.bz2": {"license": "BSD"}}
        assert changed(TAR, packages=patch) == {"license": "BSD"}
        assert changed(CONDA, packages=patch) == {"license": "BSD"}

    def test_a_conda_entry_is_written_on_top_and_alone(self) -> None:
        patch: dict[str, Any] = {
            "packages": {"a-1-0.tar.bz2": {"license": "BSD", "license_family": "BSD"}},
            "packages_conda": {"a-1-0.conda": {"license": "GPL"}},
        }
        assert changed(CONDA, **patch) == {"license": "GPL", "license_family": "BSD"}
        assert changed(TAR, **patch) == {"license": "BSD", "license_family": "BSD"}

    def test_v3_and_legacy_entries_do_not_meet(self) -> None:
        assert changed(V3, packages_conda={"a-1-0.conda": {"license": "BSD"}}) == {}
        assert changed(CONDA, v3={"conda": {"a-1-0": {"license": "BSD"}}}) == {}

    def test_v3_specs_come_out_in_brackets(self) -> None:
        patch = {"tar.bz2": {"a-1-0": {"depends": ["zlib >=1.3"], "constrains": None}}}
        assert changed(V3, v3=patch) == {"depends": ['zlib[version=">=1.3"]']}

    def test_groups_are_merged_by_name(self) -> None:
        patch = {"conda": {"a-1-0": {"extra_depends": {"cli": None, "web": ["flask >=3"]}}}}
        assert changed(V3, v3=patch) == {
            "extra_depends": {"dev": ["pytest"], "web": ['flask[version=">=3"]']}
        }

    def test_the_given_record_and_the_patch_stay_untouched(self) -> None:
        record = json.loads(V3.json)
        patches = instructions(v3={"conda": {"a-1-0": {"flags": ["rocm"], "extra_depends": {}}}})
        apply(record, V3.filename, patches)["flags"].append("more")
        assert record == json.loads(V3.json)
        assert apply(record, V3.filename, patches)["flags"] == ["rocm"]

    @given(listed)
    def test_applying_twice_is_applying_once(self, item: Listed) -> None:
        patches = instructions(
            packages={twin(CONDA.filename): {"license": "X"}}, revoke=[item.filename]
        )
        once = apply(json.loads(item.json), item.filename, patches)
        assert apply(once, item.filename, patches) == once


class TestRemovingAndRevoking:
    @pytest.mark.parametrize("named", [TAR.filename, CONDA.filename])
    def test_removing_yanks_both_twins(self, named: str) -> None:
        patches = instructions(remove=[named])
        assert patches.removes(TAR.filename)
        assert patches.removes(CONDA.filename)
        assert not patches.removes("b-1-0.conda")

    def test_a_revoked_file_stays_listed_and_cannot_be_installed(self) -> None:
        assert changed(CONDA, revoke=["a-1-0.conda"]) == {
            "depends": ["zlib", "package_has_been_revoked"],
            "revoked": True,
        }

    def test_revoking_a_tar_bz2_revokes_its_twin_and_not_the_reverse(self) -> None:
        assert patched(CONDA, revoke=[TAR.filename])["revoked"]
        assert "revoked" not in patched(TAR, revoke=[CONDA.filename])

    def test_what_is_written_in_a_record_is_told_revoking_too(self) -> None:
        patches = instructions(packages={TAR.filename: {"license": None}}, revoke=[TAR.filename])
        written = changes_of(TAR.filename, patches, is_v3=False)
        assert written == {"license": None, "revoked": True}
        assert changes_of("b-1-0.conda", patches, is_v3=False) is None


class TestRunExports:
    PATCH = {"a-1-0.tar.bz2": {"run_exports": {"weak": ["a >=1,<2"], "strong": None}}}  # noqa: RUF012 - read only

    def patched(self, text: str | None, patch: dict[str, Any]) -> str | None:
        patches = instructions(2, packages=patch)
        return apply_run_exports(text, "a-1-0.conda", patches, is_v3=False)

    def test_they_are_merged_kind_by_kind(self) -> None:
        text = '{"noarch":["a"],"strong":["a"],"weak":["a"]}'
        assert self.patched(text, self.PATCH) == '{"noarch":["a"],"weak":["a >=1,<2"]}'

    def test_they_may_come_from_nothing_and_go_away(self) -> None:
        assert self.patched(None, self.PATCH) == '{"weak":["a >=1,<2"]}'
        assert self.patched('{"weak":["a"]}', {"a-1-0.tar.bz2": {"run_exports": None}}) is None

    def test_without_a_patch_the_text_is_the_stored_one(self) -> None:
        assert self.patched('{ "weak": [] }', {}) == '{ "weak": [] }'
        assert self.patched(None, {"a-1-0.tar.bz2": {"license": "MIT"}}) is None

    def test_they_never_reach_the_record(self) -> None:
        patches = instructions(2, packages=self.PATCH)
        assert apply(json.loads(TAR.json), TAR.filename, patches) == json.loads(TAR.json)

    def test_version_1_does_not_patch_them(self) -> None:
        with pytest.raises(InvalidInputError, match="set patch_instructions_version to 2"):
            instructions(1, packages=self.PATCH)


class TestServing:
    def test_no_patches_have_the_usual_shape(self) -> None:
        assert instructions_json(NO_PATCHES) == (
            b'{"packages":{},"packages.conda":{},"patch_instructions_version":1,'
            b'"remove":[],"revoke":[]}'
        )

    @given(st.sampled_from([1, 2]), st.lists(listed, max_size=6))
    def test_what_is_served_reads_back(self, version: int, files: list[Listed]) -> None:
        content: dict[str, Any] = {"patch_instructions_version": version}
        for item in files:
            target = content
            for key in item.section:
                target = target.setdefault(key, {})
            patch: dict[str, Any] = {"license": "MIT", "depends": ["zlib >=1"]}
            target[item.key] = patch | ({"run_exports": {"weak": None}} if version == 2 else {})
            content.setdefault("revoke", []).append(item.filename)
        patches = parse_instructions(canonical_json(content))
        assert parse_instructions(instructions_json(patches)) == patches


INDEX = """
import asyncio, os, sys
from rattler.index import index_fs
asyncio.run(index_fs(sys.argv[1], repodata_patch="corrections-1-0.conda", write_zst=False))
sys.stdout.flush()
os._exit(0)
"""


def test_rattlers_own_engine_gives_the_same_records(tmp_path: Path) -> None:
    """Rattler-index patches a real channel; ours patches the same records.

    It leaves yanked files in the maps and only adds them to ``removed``; CEP 36 wants them out.
    """
    content: dict[str, Any] = {
        "patch_instructions_version": 1,
        "packages": {
            "a-1-0.tar.bz2": {"depends": ["zlib >=1.3"], "license": "BSD-3-Clause"},
            "only-1-0.tar.bz2": {"constrains": ["pip >=20"]},
            "missing-1-0.tar.bz2": {"license": "MIT"},
        },
        "packages.conda": {"a-1-0.conda": {"license": "MIT", "track_features": "mkl"}},
        "remove": ["gone-1-0.tar.bz2"],
    }
    folder = tmp_path / "noarch"
    folder.mkdir()
    for built in (
        package("a", "1", extension="conda", depends=["zlib"]),
        package("a", "1", extension="tar.bz2", depends=["zlib"]),
        package("only", "1", extension="tar.bz2"),
        package("gone", "1", extension="conda"),
        package("gone", "1", extension="tar.bz2"),
        package(
            "corrections", "1", files={"noarch/patch_instructions.json": canonical_json(content)}
        ),
    ):
        (folder / built.filename).write_bytes(built.data)
    subprocess.run([sys.executable, "-c", INDEX, tmp_path], check=True)
    before = json.loads((folder / "repodata_from_packages.json").read_bytes())
    theirs = json.loads((folder / "repodata.json").read_bytes())
    patches = parse_instructions(content)
    filenames = [*before["packages"], *before["packages.conda"]]
    assert sorted(filter(patches.removes, filenames)) == theirs["removed"]
    for section in ("packages", "packages.conda"):
        for filename, record in before[section].items():
            assert apply(record, filename, patches) == theirs[section][filename]
