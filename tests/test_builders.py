"""The packages that other tests publish are real: rattler solves for them and installs them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from graphrepo.conda.record import canonical_json, record_json
from tests.builders import Built, package
from tests.conda.reading import checked

# A process of its own, left without ceremony: rattler's threads may abort at a normal exit.
INSTALL = """
import asyncio, os, sys
from pathlib import Path
import rattler

async def main(folder):
    channel = rattler.Channel(f"file://{folder}/channel")
    records = await rattler.solve([channel], ["app"], platforms=["noarch", "linux-64"])
    await rattler.install(
        records, folder / "prefix", cache_dir=folder / "cache", show_progress=False
    )

try:
    asyncio.run(main(Path(sys.argv[1])))
except BaseException as error:
    print(repr(error), file=sys.stderr, flush=True)
    os._exit(1)
os._exit(0)
"""


def write_channel(folder: Path, packages: list[Built]) -> None:
    """Write packages and the repodata that their records make."""
    for subdir in ("noarch", "linux-64"):
        (folder / subdir).mkdir(parents=True)
        maps: dict[str, dict[str, object]] = {"packages": {}, "packages.conda": {}}
        for built in packages:
            if built.subdir != subdir:
                continue
            (folder / subdir / built.filename).write_bytes(built.data)
            read = checked(built)
            data = record_json(
                read.record,
                md5=built.md5,
                sha256=built.sha256,
                size=built.size,
                indexed_timestamp=1,
            )
            section = "packages.conda" if read.extension == "conda" else "packages"
            maps[section][built.filename] = json.loads(data)
        document = {"info": {"subdir": subdir}, "repodata_version": 1, **maps}
        (folder / subdir / "repodata.json").write_bytes(canonical_json(document))


def test_built_packages_install(tmp_path: Path) -> None:
    packages = [
        package("app", "2.0", depends=["lib >=1.2"], files={"bin/app": b"#!/bin/sh\n"}),
        package("lib", "1.1", subdir="linux-64"),
        package("lib", "1.10", subdir="linux-64", extension="tar.bz2", constrains=["old <1"]),
    ]
    write_channel(tmp_path / "channel", packages)
    command = [sys.executable, "-c", INSTALL, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "prefix" / "bin" / "app").read_bytes() == b"#!/bin/sh\n"
    installed = {path.name for path in (tmp_path / "prefix" / "conda-meta").glob("*.json")}
    assert installed == {"app-2.0-0.json", "lib-1.10-0.json"}


@pytest.mark.parametrize("extension", ["conda", "tar.bz2"])
def test_the_same_words_build_the_same_bytes(extension: str) -> None:
    options = {"extension": extension, "depends": ["b", "a"], "run_exports": ["x"]}
    assert package("a", **options).data == package("a", **options).data  # type: ignore[arg-type]


def test_index_json_can_be_bent() -> None:
    assert "noarch" not in package("a", index={"noarch": None}).index
    assert package("a", index={"extra": 1}).index["extra"] == 1
    assert package("a", build="py_3").index["build_number"] == 3
    assert package("a", build="abc").index["build_number"] == 0
    assert package("a", filename="b-1-0.conda").filename == "b-1-0.conda"
