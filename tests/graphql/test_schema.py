"""The schema as clients see it."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from graphql import GraphQLObjectType, build_client_schema, get_introspection_query, parse, validate

from graphrepo.graphql.export import schema_text
from graphrepo.graphql.schema import build_schema, core
from tests.graphql.asking import Api
from tests.registry.world import World

OPERATION = re.compile(r"""["`]((?:query|mutation)\b[^"`]*\{[^"`]*)["`]""")
EXPORTED = Path(__file__).parents[2] / "schema.graphql"


def test_the_exported_schema_is_current() -> None:
    message = "run: python -m graphrepo.graphql.export > schema.graphql"
    assert EXPORTED.read_text() == schema_text(), message


def test_the_command_writes_the_exported_schema() -> None:
    command = (sys.executable, "-m", "graphrepo.graphql.export")
    written = subprocess.run(command, capture_output=True, check=True, cwd=EXPORTED.parent)
    assert written.stdout == EXPORTED.read_bytes()


def test_the_web_application_asks_what_the_schema_has() -> None:
    schema = core(build_schema())
    sources = (EXPORTED.parent / "graphrepo" / "ui" / "static").rglob("*.js")
    texts = [text for source in sources for text in OPERATION.findall(source.read_text())]
    # Those that are put together of parts are asked by the tests in a browser.
    texts = [text for text in texts if "${" not in text]
    assert len(texts) >= 3
    for text in texts:
        assert validate(schema, parse(text)) == [], text


def test_every_page_has_the_same_form_and_is_asked_for_in_the_same_way() -> None:
    kinds = core(build_schema()).type_map.values()
    objects = [kind for kind in kinds if isinstance(kind, GraphQLObjectType)]
    pages = {kind.name: kind for kind in objects if kind.name.endswith("PageResult")}
    for page in pages.values():
        assert _types(page) == {
            "page": f"[{page.name.removesuffix('PageResult')}!]!",
            "current": "Int!",
            "pages": "Int!",
            "totalCount": "Int!",
        }
    asking = [
        field
        for kind in objects
        for name, field in kind.fields.items()
        if _types(kind)[name].strip("!") in pages
    ]
    assert len(asking) > len(pages)
    for field in asking:
        taken = {name: str(argument.type) for name, argument in field.args.items()}
        assert (taken["limit"], taken["page"]) == ("Int", "Int")


def _types(kind: GraphQLObjectType) -> dict[str, str]:
    fields: dict[str, Any] = {**kind.fields}
    return {name: str(field.type) for name, field in fields.items()}


def test_introspection_is_open_and_tells_the_whole_schema(api: Api, world: World) -> None:
    seen = build_client_schema(api.ask(world.nobody, get_introspection_query()).data)
    assert set(seen.type_map) == set(core(build_schema()).type_map)


def test_introspection_cannot_be_nested_into_a_flood(api: Api, world: World) -> None:
    nested = "fields { type { " * 6 + "name" + " } }" * 6
    answer = api.ask(world.nobody, f"{{ __schema {{ types {{ {nested} }} }} }}")
    assert answer.codes == ["invalid_request"]
    assert answer.messages == ["Maximum introspection depth exceeded"]
