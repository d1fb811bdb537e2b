"""Reading packages in tests the way a publish does, at a fixed time."""

from typing import Any, cast

from graphrepo.conda.limits import Limits
from graphrepo.conda.package import CheckedPackage, read_package
from tests.builders import Built, Options, package

NOW_MS = 1_800_000_000_000
"""January 2027: after the build time of every package in the tests."""


def checked(
    built: Built, target_subdir: str | None = None, limits: Limits | None = None
) -> CheckedPackage:
    return read_package(
        built.open(),
        built.filename,
        target_subdir=target_subdir,
        now_ms=NOW_MS,
        limits=limits or Limits(),
    )


def record(**index: object) -> dict[str, Any]:
    """Return the record of a package whose index.json has these keys."""
    return dict(checked(package("demo", index=index)).record)


def read(name: str = "demo", **options: object) -> CheckedPackage:
    """Build a package and read it."""
    return checked(package(name, **cast("Options", options)))
