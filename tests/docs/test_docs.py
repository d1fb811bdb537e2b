"""The documentation says what the program does: nothing is missing, nothing is left over."""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from pathlib import Path

import click
import pytest
from graphql import GraphQLObjectType
from litestar.routes import HTTPRoute

from graphrepo.access.policy import policy_table
from graphrepo.app import create_app
from graphrepo.blobs.digest import is_blake3
from graphrepo.cli.program import graphrepo
from graphrepo.errors import GraphrepoError
from graphrepo.graphql.limits import QueryLimits
from graphrepo.graphql.schema import build_schema, core
from graphrepo.registry import channel_documents, subdir_documents
from graphrepo.settings import PREFIX, Settings
from graphrepo.web.errors import STATUS
from tests.docs.pages import PAGES, ROOT, cells, code, page

API = page("api.md")
OPERATIONS = page("operations.md")
ARCHITECTURE = page("architecture.md")
PACKAGE = ROOT / "graphrepo"
MODULES = {
    str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py") if path.name != "__init__.py"
}
UNSPOKEN = {"HEAD", "OPTIONS"}  # the first is said once for all, the second is the framework's


def routes(data: Path) -> set[str]:
    """Return ``METHOD /path`` of every route, and of the addresses that channels answer."""
    app = create_app(Settings(data=data))
    return {
        f"{method} {re.sub(':[a-z]+', '', route.path)}"
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method in set(map(str, route.methods)) - UNSPOKEN
    } | {
        "GET /{channel}",
        "GET /{channel}/{document}",
        "GET /{channel}/{subdir}/{document}",
        "GET /{channel}/{subdir}/{file}",
        "GET /{channel}/{subdir}/{file}.sigs",
        "GET /{channel}/{subdir}/{file}.sigs.{sha256}",
        "GET /{channel}/{subdir}/shards/{shard}",
        "PUT /{channel}/{subdir}/{file}",
    }


def test_every_route_is_in_the_api_page_and_no_other(tmp_path: Path) -> None:
    addresses = {text for text in code(API) if re.match("(GET|POST|PUT|DELETE) /", text)}
    assert addresses == routes(tmp_path)


def test_every_document_is_in_the_api_page() -> None:
    in_subdirs = cells(API, "document of a subdir | what it holds")
    of_channels = cells(API, "document of a channel | what it holds")
    assert {name for row in in_subdirs for name in code(row[0])} == subdir_documents.NAMES
    assert {name for row in of_channels for name in code(row[0])} == channel_documents.NAMES


def kinds(kind: type[GraphrepoError]) -> Iterator[type[GraphrepoError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from kinds(narrower)


def test_every_error_code_is_in_the_api_page_with_its_status() -> None:
    table = {code(row[0])[0]: int(row[1]) for row in cells(API, "code | status | meaning")}
    assert table == STATUS
    assert set(table) == {kind.code for kind in kinds(GraphrepoError)}


def test_the_policy_stands_in_the_api_page_word_for_word() -> None:
    assert policy_table() in API


@pytest.mark.parametrize(
    ("heading", "kind"),
    [("query | gives", "Query"), ("mutation | needs", "Mutation")],
)
def test_every_graphql_field_is_in_the_api_page(heading: str, kind: str) -> None:
    declared = core(build_schema()).type_map[kind]
    assert isinstance(declared, GraphQLObjectType)
    assert [name for row in cells(API, heading) for name in code(row[0])] == [*declared.fields]


def test_the_limits_of_graphql_are_those_of_the_program() -> None:
    rows = cells(API, "limit | most | counted")
    assert {code(row[0])[0]: int(row[1].replace(",", "")) for row in rows} == asdict(QueryLimits())


def test_every_setting_is_in_the_operations_page_and_no_other() -> None:
    documented = [code(row[0])[0] for row in cells(OPERATIONS, "variable | default | meaning")]
    assert documented == [PREFIX + field.name.upper() for field in fields(Settings)]


def commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def options(command: click.Command) -> set[str]:
    return {
        name
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.hidden
        for name in (parameter.opts[0], *parameter.secondary_opts)
    }


def test_every_command_and_option_is_in_the_operations_page() -> None:
    documented: dict[str, set[str]] = {}
    for row in cells(OPERATIONS, "command | options | does"):
        called = re.sub(" [A-Z[].*", "", code(row[0])[0])
        documented[called] = set(code(row[1]))
    assert documented == {
        path: options(command) for path, command in commands(graphrepo, "graphrepo")
    }


def test_variables_are_settings_or_the_uploading_clients() -> None:
    known = {PREFIX + field.name.upper() for field in fields(Settings)}
    known |= {PREFIX + "URL", PREFIX + "TOKEN"}
    for each in PAGES:
        assert set(re.findall(PREFIX + r"[A-Z][A-Z_]+", each.read_text())) <= known, each


def test_every_module_is_on_the_map() -> None:
    mentioned = {text for text in code(ARCHITECTURE) if re.fullmatch(r"[a-z_/]+\.py", text)}
    assert mentioned >= MODULES
    assert all((PACKAGE / text).is_file() for text in mentioned)


def test_places_in_the_code_exist() -> None:
    pattern = r"`([a-z_/]+\.py): ([\w.]+)`"
    places = [found for each in PAGES for found in re.findall(pattern, each.read_text())]
    assert places
    for module, name in places:
        assert name in names_in(ast.parse((PACKAGE / module).read_text()).body, ""), (module, name)


def names_in(body: Iterable[ast.stmt], prefix: str) -> Iterator[str]:
    """Yield what a module defines, with the methods of its classes."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield prefix + statement.name
        if isinstance(statement, ast.ClassDef):
            yield from names_in(statement.body, f"{statement.name}.")
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield prefix + statement.target.id


def test_files_named_in_decisions_exist() -> None:
    for each in (ROOT / "docs" / "decisions").iterdir():
        for text in code(each.read_text()):
            if re.fullmatch(r"[a-z_/]+\.py", text):
                assert (PACKAGE / text).is_file() or (ROOT / text).is_file(), (each.name, text)


def test_every_promise_of_the_security_page_has_its_tests() -> None:
    promises = cells(page("security.md"), "promise | tested in")
    assert promises
    for promise, tests in promises:
        assert code(tests), promise
        for text in code(tests):
            assert (ROOT / "tests" / text).is_file(), (promise, text)


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = sorted(re.split(r"[\[>=<~ ]", text)[0] for text in project["dependencies"])
    rows = cells(page("decisions/011-dependencies.md"), "package | reason")
    assert [name for row in rows for name in code(row[0])] == declared


def test_links_lead_somewhere() -> None:
    for each in PAGES:
        for target in re.findall(r"\]\(([^)\s]+)\)", each.read_text()):
            if not target.startswith("http"):
                address, _, anchor = target.partition("#")
                linked = (each.parent / address) if address else each
                assert linked.exists(), (each.name, target)
                assert not anchor or anchor in anchors(linked.read_text()), (each.name, target)


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_decisions_are_numbered_without_a_gap() -> None:
    names = sorted(each.name for each in (ROOT / "docs" / "decisions").iterdir())
    assert [int(name[:3]) for name in names] == list(range(1, len(names) + 1))
    for name in names:
        text = page(f"decisions/{name}")
        assert text.startswith(f"# {name[:3]}: ")
        bold = re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE)
        assert bold == ["Context", "Decision", "Why", "Consequences"], name


def test_blobs_are_named_as_the_page_on_the_data_directory_shows() -> None:
    shelf, shown = re.findall(r"blobs/([0-9a-f]{2})/([0-9a-f]+)…", OPERATIONS)[0]
    assert shown.startswith(shelf)
    assert is_blake3(shown.ljust(64, "0"))
