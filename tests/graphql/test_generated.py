"""Whatever the schema allows is answered: with data, or with a failure that has a name.

The operations are generated from the schema, the same ones each time, and run in a world where
nothing stays. A code of ``internal_error`` would be an exception that nobody foresaw.
"""

import json
from collections.abc import Generator
from typing import Any, Final

import pytest
from graphql import ArgumentNode, StringValueNode, Visitor, parse, print_ast, visit
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import mutations, nodes, queries

from graphrepo.graphql.schema import build_schema, core
from tests.graphql.matrix import MUTATIONS, QUERIES, Actor
from tests.graphql.rehearsal import Stage

SCHEMA: Final = core(build_schema())
ROOT: Final = Actor("administrator", "root")
KNOWN: Final = {
    "name": "lab",
    "channelName": "lab",
    "packageName": "zlib",
    "platformName": "noarch",
    "subdir": "noarch",
    "fileName": "zlib-1.0-0.conda",
    "filename": "zlib-1.0-0.conda",
    "matchSpec": "zlib >=0.8",
    "pattern": "share/*.txt",
    "login": "ada",
    "userName": "ada",
    "id": "1",
    "reason": "Because",
}
"""What is there in the world, by the argument that may name it."""


def texts(*values: str) -> st.SearchStrategy[StringValueNode]:
    return st.sampled_from(values).map(nodes.String)


SCALARS: Final = {
    "DateTime": texts("2026-01-02T03:04:05Z", "9999-12-31T23:59:59.999999999Z", "soon"),
    "NaiveDate": texts("2026-01-31", "0001-01-01", "today"),
    "JSON": texts("", "text"),
    "Upload": texts("file"),
}
EXAMPLES: Final = settings(
    max_examples=4,  # of each field, each asked twice
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=(
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
    ),
)


class Names(Visitor):
    """Puts names that exist in the place of generated ones."""

    @staticmethod
    def enter_argument(node: ArgumentNode, *_rest: Any) -> ArgumentNode | None:  # noqa: ANN401 - Visitor's
        known = KNOWN.get(node.name.value)
        if known is None or not isinstance(node.value, StringValueNode):
            return None
        return ArgumentNode(name=node.name, value=StringValueNode(value=known))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("stage"))
    yield stage
    stage.world.close()


def check(stage: Stage, operation: object) -> None:
    """Run an operation as it was generated, and with names that exist."""
    text = str(operation)
    for query in (text, print_ast(visit(parse(text), Names()))):
        body = stage.run(ROOT, query, {})
        codes = {error["extensions"]["code"] for error in body.get("errors", ())}
        assert "internal_error" not in codes, (query, body)
        assert json.dumps(body)
        if text.startswith("mutation"):
            continue  # what is made anew, a token for example, differs each time
        assert json.dumps(stage.run_plainly(ROOT, query, {})) == json.dumps(body)


@pytest.mark.parametrize("field", QUERIES)
def test_every_query_is_answered(stage: Stage, field: str) -> None:
    @EXAMPLES
    @given(queries(SCHEMA, fields=[field], custom_scalars=SCALARS))
    def ask(operation: object) -> None:
        check(stage, operation)

    ask()


@pytest.mark.parametrize("field", MUTATIONS)
def test_every_mutation_is_answered(stage: Stage, field: str) -> None:
    @EXAMPLES
    @given(mutations(SCHEMA, fields=[field], custom_scalars=SCALARS))
    def ask(operation: object) -> None:
        check(stage, operation)

    ask()
