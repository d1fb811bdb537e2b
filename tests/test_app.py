"""Building the application, as a server's worker does."""

import subprocess
import sys
from pathlib import Path

from tests.processes import environment

BUILD = "from graphrepo.app import serve_app; print(callable(serve_app()))"

LATER = ("cryptography", "httpx", "jwt", "obstore", "psycopg2", "pydantic", "strawberry", "yoyo")
"""Libraries that nobody waits for when a server starts."""

LOADED = f"import sys; print([name for name in {LATER} if name in sys.modules])"


def test_a_worker_builds_it_from_the_environment_and_touches_no_file(tmp_path: Path) -> None:
    data = tmp_path / "data"
    built = subprocess.run(
        (sys.executable, "-c", BUILD),
        env=environment(GRAPHREPO_DATA=str(data)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert (built.stdout, built.stderr) == ("True\n", "")
    assert not data.exists()


def test_a_wrong_setting_stops_it_with_a_sentence(tmp_path: Path) -> None:
    variables = {"GRAPHREPO_DATA": str(tmp_path), "GRAPHREPO_MAX_UPLOAD_BYTES": "much"}
    built = subprocess.run(
        (sys.executable, "-c", BUILD),
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 1
    assert "The setting GRAPHREPO_MAX_UPLOAD_BYTES is wrong: 'much' is no size" in built.stderr


def test_what_takes_long_to_load_is_loaded_when_it_is_used(tmp_path: Path) -> None:
    for program in (BUILD, "from graphrepo.cli import main; import graphrepo.cli.serve"):
        started = subprocess.run(
            (sys.executable, "-c", f"{program}; {LOADED}"),
            env=environment(GRAPHREPO_DATA=str(tmp_path)),
            capture_output=True,
            text=True,
            check=True,
        )
        assert started.stdout.splitlines()[-1] == "[]"
