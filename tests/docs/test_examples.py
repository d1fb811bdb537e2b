"""The examples of the pages, run as they stand against a real server."""

import subprocess
import sys
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.builders import package
from tests.databases import on_postgres
from tests.docs.pages import fenced, page
from tests.processes import PASSWORD, database_of, environment, made
from tests.site import new_site

BUILT = package("zlib", "1.3.1")
GRAPHREPO = f"""#!/bin/sh
exec "{sys.executable}" -m graphrepo.cli "$@"
"""


@dataclass(frozen=True)
class Reader:
    """Somebody who copies examples into a terminal, in a folder that holds a package."""

    folder: Path
    variables: Mapping[str, str]

    def runs(self, *command: str) -> str:
        """Run what must succeed, and return what it printed."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment(**self.variables),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Generator[Reader]:
    """Serve, with olga and bob, and set the variables that the pages speak of."""
    folder = tmp_path_factory.mktemp("examples")
    (folder / BUILT.filename).write_bytes(BUILT.data)
    program = folder / "bin" / "graphrepo"
    program.parent.mkdir()
    program.write_text(GRAPHREPO)
    program.chmod(0o755)
    with new_site(folder / "data") as site:
        made("user", "create", "bob", "--data", site.data)
        site.publish("open", BUILT)
        variables = {
            "PATH": f"{program.parent}:{environment()['PATH']}",
            "URL": site.url,
            "DATA": str(site.data),
            "BACKUP": str(folder / "backup"),
            "RESTORED": str(folder / "restored"),
            "LOGIN": "olga",
            "PASSWORD": PASSWORD,
            "FILE": BUILT.filename,
            **database_of(("--data", site.data), {}),
        }
        yield Reader(folder, variables)


def test_curl_uploads_by_every_protocol(reader: Reader) -> None:
    uploads, *_ = fenced(page("api.md"), "sh example")
    said = reader.runs("bash", "-euo", "pipefail", "-c", uploads)
    assert said.count('"created":true') == 1
    assert said.count('"created":false') == len(("form", "artifactory", "quetz"))
    assert "1 already there" in said
    assert f'"deleted":[{{"subdir":"noarch","filename":"{BUILT.filename}"}}]' in said


def test_curl_and_then_python_do_every_task(reader: Reader) -> None:
    _, *tasks = fenced(page("api.md"), "sh example")
    said = reader.runs("bash", "-euo", "pipefail", "-c", "\n".join(tasks))
    assert '"errors"' not in said
    assert f'"filename":"{BUILT.filename}","platform":"noarch"' in said
    assert '"repoDataPatches":{"license":"MIT"}' in said
    assert '"ownerLogin":"bob"' in said
    assert '"isDisabled":true' in said
    programs = fenced(page("api.md"), "python example")
    assert len(programs) == len(tasks)
    said = reader.runs(sys.executable, "-W", "error::SyntaxWarning", "-c", "\n".join(programs))
    assert f"\n{BUILT.filename}\n" in said
    assert "'repoDataPatches': {'license': 'MIT'}" in said
    assert "'state': 'DONE'" in said
    assert "update_channel" in said
    assert "'ownerLogin': 'bob'" in said


@pytest.mark.skipif(on_postgres(), reason="a PostgreSQL has tools of its own")
def test_a_backup_taken_while_the_server_runs_is_whole_and_comes_back(reader: Reader) -> None:
    saving, restoring = fenced(page("operations.md"), "sh example")
    assert "no fault" in reader.runs("bash", "-euo", "pipefail", "-c", saving)
    assert "no fault" in reader.runs("bash", "-euo", "pipefail", "-c", restoring)
    for directory in ("backup", "restored"):
        kept = (path.read_bytes() for path in reader.folder.glob(f"{directory}/blobs/blobs/*/*"))
        assert BUILT.data in kept
