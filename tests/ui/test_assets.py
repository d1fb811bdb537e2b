"""The web application's files: only our own origin, no markup from strings, libraries as pinned."""

import importlib.util
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest

UI = Path(__file__).parents[2] / "graphrepo" / "ui"
STATIC = UI / "static"
OURS = sorted(path for path in STATIC.rglob("*") if path.is_file())
SCRIPTS = [path for path in OURS if path.suffix == ".js"]
PAGES = [path for path in OURS if path.suffix == ".html"]


def load_hook() -> ModuleType:
    """Import the build hook as the build backend does: by its path."""
    spec = importlib.util.spec_from_file_location("build_hook", UI / "build_hook.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


hook = load_hook()
needs_vendor = pytest.mark.skipif(
    not (UI / "vendor").exists(), reason="vendor/ is empty: run pip install ."
)


def named(path: Path) -> str:
    return str(path.relative_to(STATIC))


class Elements(HTMLParser):
    """Collects every element of a page, and the text inside scripts and styles."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.inline = ""
        self.feed(page.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1][0] in {"script", "style"}:
            self.inline += data.strip()


@pytest.mark.parametrize("path", [*SCRIPTS, *PAGES], ids=named)
def test_nothing_names_another_origin(path: Path) -> None:
    assert not re.search(r"\b(?:https?|wss?):|[\"'(]//", path.read_text())


@pytest.mark.parametrize("path", [path for path in OURS if path.suffix == ".css"], ids=named)
def test_stylesheets_load_nothing(path: Path) -> None:
    assert not re.search(r"url\(|@import", path.read_text())


@pytest.mark.parametrize("path", SCRIPTS, ids=named)
def test_scripts_never_parse_markup_or_code_from_strings(path: Path) -> None:
    sinks = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|new Function"
    )
    assert not re.search(sinks, path.read_text())


def test_the_log_has_a_sentence_for_every_action() -> None:
    recorded = r'(?:record_event\(\s*\w[^"]{0,40}|\.told\([^"]{0,40}|viewer,\s*)"([a-z_]+)"'
    alternative = r'else "([a-z_]+)",\s*now'
    code = "".join(path.read_text() for path in UI.parent.rglob("*.py"))
    actions = {*re.findall(recorded, code), *re.findall(alternative, code)}
    assert len(actions) > 30
    sentences = (STATIC / "pages" / "log.js").read_text()
    assert [action for action in sorted(actions) if f"  {action}: " not in sentences] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=named)
def test_every_import_leads_to_a_file(path: Path) -> None:
    # An import inside a comment is a type, which no browser asks for.
    code = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    for target in re.findall(r"(?:from |import |import\()\"([^\"]+)\"", code):
        assert target.startswith("."), f"{target} is no relative path"
        found = (path.parent / target).resolve()
        assert found.is_file() or (found == UI / "vendor" / hook.JOINED)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_pages_hold_no_inline_script_style_or_listener(page: Path) -> None:
    elements = Elements(page)
    assert elements.inline == ""
    for tag, attributes in elements.found:
        assert tag != "style"
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_pages_load_files_that_exist(page: Path) -> None:
    references = re.findall(r"/ui/@/([^\"]+)", page.read_text())
    assert references
    for reference in references:
        folder, _, name = reference.partition("/")
        known = {*hook.FILES, hook.JOINED, hook.LICENCES}
        assert (STATIC / name).is_file() if folder == "static" else name in known


def test_pages_load_all_their_files_from_the_revision() -> None:
    for page in PAGES:
        for tag, attributes in Elements(page).found:
            source = attributes.get("src") or (attributes.get("href") if tag == "link" else None)
            assert source is None or source.startswith(("/ui/@/", "data:image/"))


def test_the_lock_pins_each_package_by_digest_and_names_no_host() -> None:
    lock = json.loads((UI / "package-lock.json").read_bytes())
    wanted: dict[str, str] = json.loads((UI / "package.json").read_bytes())["dependencies"]
    packages: dict[str, dict[str, str]] = lock["packages"]
    for name, version in wanted.items():
        assert packages[f"node_modules/{name}"]["version"] == version
    for name, facts in packages.items():
        assert "resolved" not in facts
        assert name == "" or facts["integrity"].startswith("sha512-")


@needs_vendor
def test_the_vendored_files_are_those_of_the_lock() -> None:
    assert hook.is_current(UI), "vendor/ is not what package-lock.json brings: run pip install ."
    held = {path.name for path in (UI / "vendor").iterdir()}
    assert held == {*hook.FILES, hook.JOINED, hook.LICENCES, hook.MANIFEST}
    lock = json.loads((UI / "package-lock.json").read_bytes())
    for name in ("react", "react-dom"):
        version = lock["packages"][f"node_modules/{name}"]["version"]
        assert f'"{version}' in (UI / "vendor" / f"{name}.js").read_text()


@needs_vendor
def test_the_licences_of_the_bundled_libraries_travel_along() -> None:
    text = (UI / "vendor" / hook.LICENCES).read_text()
    lock = json.loads((UI / "package-lock.json").read_bytes())
    for path, facts in lock["packages"].items():
        if path and not {"dev", "optional", "peer"} & facts.keys():
            assert f"{path.rpartition('node_modules/')[2]} {facts['version']}: " in text
    assert "Permission is hereby granted" in text


# The build hook, with a registry that is at hand


BUILT = {
    "preact": "var a=1,b=2;export{a as h,b as options};\n//# sourceMappingURL=preact.mjs.map",
    "preact/hooks": 'import{options as n}from"preact";const t=n+1;export{t as useState};',
    "@preact/signals-core": "function signal(){}export{signal,signal as effect};",
    "@preact/signals": (
        'import{h as t}from"preact";import{useState as f}from"preact/hooks";'
        'export{effect,signal}from"@preact/signals-core";const s=t+f;export{s as useSignal};'
    ),
    "htm": "var n=1;export default function(s){return s+n}",
}


def install(folder: Path) -> None:
    """Lay out what npm would, from made-up packages."""
    for source in hook.FILES.values():
        path = folder / "node_modules" / source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"// {source}")
    for name, source in hook.MODULES.items():
        path = folder / "node_modules" / source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(BUILT[name])
    for name in ("react", "@graphiql/plugin-explorer"):
        package = folder / "node_modules" / name
        (package / "package.json").write_text(
            json.dumps({"name": name, "version": "1.2.3", "license": "MIT"})
        )
    (folder / "node_modules" / "react" / "LICENSE").write_text("Do as you like.")


def refuse(folder: Path) -> None:
    pytest.fail(f"npm was run in {folder}")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Lay out a fresh checkout: npm's input, nothing vendored."""
    for name in hook.NPM_INPUT:
        shutil.copyfile(UI / name, tmp_path / name)
    return tmp_path


def test_a_fresh_checkout_is_filled_once(tree: Path) -> None:
    assert hook.fill(tree, install)
    assert (tree / "vendor" / "react.js").read_text().startswith("// react/umd")
    licences = (tree / "vendor" / "LICENSES.txt").read_text()
    assert "react 1.2.3: MIT\n\nDo as you like." in licences
    assert "@graphiql/plugin-explorer 1.2.3: MIT" in licences
    assert not hook.fill(tree, refuse)


def test_another_lock_or_a_changed_file_is_brought_anew(tree: Path) -> None:
    hook.fill(tree, install)
    with (tree / "package-lock.json").open("a") as lock:
        lock.write("\n")
    assert hook.fill(tree, install)
    (tree / "vendor" / "react.js").write_text("changed")
    assert hook.fill(tree, install)
    assert (tree / "vendor" / "react.js").read_text() != "changed"


def test_files_of_an_earlier_lock_do_not_stay(tree: Path) -> None:
    (tree / "vendor").mkdir()
    (tree / "vendor" / "jquery.js").write_text("old")
    hook.fill(tree, install)
    assert not (tree / "vendor" / "jquery.js").exists()


def test_a_package_without_its_file_stops_the_build(tree: Path) -> None:
    def install_less(folder: Path) -> None:
        install(folder)
        (folder / "node_modules" / hook.FILES["react.js"]).unlink()

    with pytest.raises(hook.VendorError, match="correct FILES in graphrepo/ui/build_hook"):
        hook.fill(tree, install_less)
    assert not hook.is_current(tree)


def test_the_small_modules_become_one_without_a_name_or_path_left_over() -> None:
    lines = hook.joined(BUILT).splitlines()
    assert lines[1] == "const preact=(()=>{var a=1,b=2;;return{h:a,options:b}})();"
    assert (
        lines[2]
        == "const hooks=(()=>{const {options:n}=preact;const t=n+1;;return{useState:t}})();"
    )
    assert "return{effect:signals_core.effect,signal:signals_core.signal,useSignal:s}" in lines[4]
    assert lines[6] == "export{preact,hooks,signals_core,signals,htm};"


@pytest.mark.parametrize(
    ("built", "told"),
    [
        ({"signals": 'import{h}from"preact";export{h};'}, "signals imports preact: add it"),
        ({"preact": "var a;export const h=a;"}, "preact is written in another way"),
        ({"preact": 'import*as h from"x";export{h};'}, "preact is written in another way"),
    ],
)
def test_a_module_that_cannot_be_joined_stops_the_build(built: dict[str, str], told: str) -> None:
    with pytest.raises(hook.VendorError, match=told):
        hook.joined(built)
