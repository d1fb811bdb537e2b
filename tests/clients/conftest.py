"""A running server with packages, and a home of its own for each client."""

import json
import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.builders import package
from tests.site import Site, new_site

LEAF = package("leaf", "0.1", build="h4616a5c_0", depends=["epoch-pkg"])
EPOCH = package("epoch-pkg", "1!2.0+local.1", build="h4616a5c_0", extension="tar.bz2")
NATIVE = package("native", "3.1", subdir="linux-64", depends=["leaf >=0.1"])
STOCK = (LEAF, EPOCH, NATIVE)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Generator[Site]:
    with new_site(tmp_path_factory.mktemp("site") / "data") as running:
        running.command("channel", "create", "empty", "--owner", "olga")
        running.command("user", "create", "stranger")
        for channel in ("open", "closed"):
            running.publish(channel, *STOCK)
        yield running


@dataclass(frozen=True)
class Home:
    """Where a client of its own keeps its caches and its credentials, away from the person's."""

    path: Path
    variables: dict[str, str] = field(default_factory=dict[str, str])

    def know(self, credentials: Mapping[str, Any]) -> None:
        """Store credentials by host name in rattler's form."""
        file = self.path / "auth.json"
        file.write_text(json.dumps(credentials))
        self.variables["RATTLER_AUTH_FILE"] = str(file)

    def run(self, program: str, wish: Mapping[str, Any]) -> subprocess.CompletedProcess[str]:
        """Run one of the programs beside this file."""
        return subprocess.run(
            (sys.executable, Path(__file__).with_name(program), json.dumps(wish)),
            env={
                "PATH": os.defpath,
                "HOME": str(self.path),
                "RATTLER_CACHE_DIR": str(self.path / "cache"),
                **self.variables,
            },
            cwd=self.path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    path = tmp_path / "home"
    path.mkdir()
    return Home(path)
