"""Patch instructions: what can be read, and what is refused with a sentence that says why."""

from typing import Any

import pytest

from graphrepo.conda.patches import (
    check_files,
    parse_instructions,
)
from graphrepo.errors import InvalidInputError
from tests.conda.listings import instructions

FACTS = (
    "name version build build_number subdir fn md5 sha256 size timestamp indexed_timestamp"
    " attestations_sha256 legacy_bz2_md5 revoked nonsense"
).split(" ")
VALUES: dict[str, list[Any]] = {
    "depends": ["zlib", [1], {"a": 1}],
    "constrains": [3, ["zlib ><"]],
    "license": [3, ["MIT"]],
    "license_family": [{}],
    "track_features": [3, [3]],
    "features": [True],
    "purls": ["pkg:pypi/a"],
    "python_site_packages_path": ["/usr", "lib/../..", "C:\\lib", "\\lib", 3],
    "run_exports": [["a"], {"weak": "a"}, {"sideways": ["a"]}],
}
V3_VALUES: dict[str, list[Any]] = {
    "depends": [["zlib[md5=0123456789abcdef0123456789abcdef]"], ["* >=1"]],
    "extra_depends": [["a"], {"UPPER": ["a"]}, {"cli": "a"}, {"cli": ["a ><"]}],
    "flags": ["cuda", ["CUDA"], ["a:b:c"]],
}


class TestReading:
    @pytest.mark.parametrize("key", FACTS)
    def test_facts_about_the_file_cannot_be_written(self, key: str) -> None:
        with pytest.raises(InvalidInputError, match=f"'{key}', which no patch may write"):
            instructions(packages={"a-1-0.tar.bz2": {key: "x"}})

    @pytest.mark.parametrize(
        ("key", "value"), [(key, value) for key in VALUES for value in VALUES[key]]
    )
    def test_values_have_their_form(self, key: str, value: object) -> None:
        with pytest.raises(InvalidInputError, match=r"^The patch for .*a-1-0\.tar\.bz2.*\.$"):
            instructions(2, packages={"a-1-0.tar.bz2": {key: value}})

    @pytest.mark.parametrize(
        ("key", "value"), [(key, value) for key in V3_VALUES for value in V3_VALUES[key]]
    )
    def test_v3_values_have_their_form(self, key: str, value: object) -> None:
        with pytest.raises(InvalidInputError, match="The patch for"):
            instructions(v3={"conda": {"a-1-0": {key: value}}})

    def test_good_values_pass(self) -> None:
        values = {
            "purls": ["pkg:pypi/a@1"],
            "python_site_packages_path": "lib/python3.13t/site-packages",
        }
        assert instructions(packages={"a-1-0.tar.bz2": values}).packages == {
            "a-1-0.tar.bz2": values
        }

    @pytest.mark.parametrize("key", ["extra_depends", "flags"])
    def test_legacy_records_take_no_v3_keys(self, key: str) -> None:
        with pytest.raises(InvalidInputError, match="is no v3 package"):
            instructions(packages={"a-1-0.tar.bz2": {key: None}})

    @pytest.mark.parametrize("spec", ['zlib[when="__unix"]', "a[extras=[b]]", "a[flags=[b]]"])
    def test_legacy_records_do_not_become_v3(self, spec: str) -> None:
        with pytest.raises(InvalidInputError, match="would turn it into a v3 package"):
            instructions(packages={"a-1-0.tar.bz2": {"depends": [spec]}})

    @pytest.mark.parametrize("version", [None, 0, 3, "1"])
    def test_only_versions_1_and_2_are_read(self, version: Any) -> None:  # noqa: ANN401 - JSON
        with pytest.raises(InvalidInputError, match="this server reads 1 and 2"):
            instructions(version)

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            ({"add": []}, "have the key 'add', which means nothing"),
            ({"v3": {"whl": {}}}, "v3 has the key 'whl'; use conda and tar.bz2"),
            ({"v3": []}, "v3 of the patch instructions must be a JSON object"),
            ({"packages": []}, "packages of the patch instructions must be a JSON object"),
            ({"packages": {"a-1-0.tar.bz2": []}}, "The patch for a-1-0.tar.bz2 must be a JSON obj"),
            ({"packages": {"a-1-0.conda": {}}}, "only .tar.bz2 files are patched there"),
            ({"packages": {"a-1.tar.bz2": {}}}, "packages of the patch instructions: The file"),
            ({"remove": "a-1-0.conda"}, "remove of the patch instructions must be a list"),
            ({"revoke": [3]}, "revoke of the patch instructions: The file name '3'"),
        ],
    )
    def test_other_shapes_are_named(self, content: dict[str, Any], sentence: str) -> None:
        with pytest.raises(InvalidInputError, match=sentence):
            parse_instructions({"patch_instructions_version": 1, **content})

    @pytest.mark.parametrize("source", [b"", b"{", b"\xff", b"NaN", b'{"\xff":1}', b"[" * 9999])
    def test_what_is_not_json_is_refused(self, source: bytes) -> None:
        with pytest.raises(InvalidInputError, match="are not JSON"):
            parse_instructions(source)

    def test_what_is_no_object_is_refused(self) -> None:
        with pytest.raises(InvalidInputError, match="The document of the patch instructions must"):
            parse_instructions(b"[]")

    def test_files_that_are_not_there_are_named(self) -> None:
        patches = instructions(remove=["b-1-0.conda", "a-1-0.conda"])
        check_files(patches, {"b-1-0.conda", "a-1-0.conda"})
        with pytest.raises(InvalidInputError, match=r"names a-1-0\.conda, which this subdir"):
            check_files(patches, {"b-1-0.conda"})
