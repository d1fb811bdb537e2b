"""No text of an operation leads out of the store, and none is a failure of the server."""

import json
from collections.abc import Generator, Sequence
from typing import Any, Final

import pytest
from graphql import StringValueNode, Visitor, parse, print_ast, visit
from hypothesis import given, settings
from hypothesis_graphql import mutations, queries

from tests.graphql.matrix import MUTATIONS, QUERIES
from tests.graphql.rehearsal import Stage
from tests.graphql.test_generated import EXAMPLES, ROOT, SCHEMA, Names, texts

HOSTILE: Final = (
    "../../../../../../../../etc/passwd",
    "zlib\u0000.conda",
    "..%2f..%2f..%2fetc%2fpasswd",
    "..\\..\\..\\etc\\passwd",
    "file:///etc/passwd",
    "\uff0e\uff0e\uff0fetc",
    "\u202eadnoc.blz",
    "\U0001f600" * 100,
    "lab' OR '1'='1",
    'x"; DROP TABLE event; --',
    "%s%n$name{}",
    "\r\nX-Injected: yes",
)
FEW: Final = 2
VALID: Final = {"DateTime": "2026-01-02T03:04:05Z", "NaiveDate": "2026-01-31", "Upload": "file"}
SCALARS: Final = {**{name: texts(text) for name, text in VALID.items()}, "JSON": texts("a")}
ONE: Final = settings(EXAMPLES, max_examples=1)


class Hostile(Visitor):
    """Puts a hostile text in the place of every generated one that may be any text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def enter_string_value(self, node: StringValueNode, *_rest: Any) -> StringValueNode | None:  # noqa: ANN401 - Visitor's
        return None if node.value in VALID.values() else StringValueNode(value=self._text)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("stage"))
    yield stage
    stage.world.close()


@pytest.fixture(scope="module")
def chosen(pytestconfig: pytest.Config) -> Sequence[str]:
    """Return all of the texts by night, and few by day."""
    return HOSTILE if pytestconfig.getoption("--rounds") else HOSTILE[:FEW]


def check(stage: Stage, operation: object, texts: Sequence[str]) -> None:
    """Run an operation with each of the texts everywhere, and where nothing known belongs."""
    for text in texts:
        everywhere = visit(parse(str(operation)), Hostile(text))
        for query in (print_ast(everywhere), print_ast(visit(everywhere, Names()))):
            body = stage.run(ROOT, query, {})
            codes = {error["extensions"]["code"] for error in body.get("errors", ())}
            assert "internal_error" not in codes, (query, body)
            assert "root:x:" not in json.dumps(body)


@pytest.mark.parametrize("field", QUERIES)
def test_no_text_of_a_query_does_harm(stage: Stage, chosen: Sequence[str], field: str) -> None:
    @ONE
    @given(queries(SCHEMA, fields=[field], custom_scalars=SCALARS))
    def ask(operation: object) -> None:
        check(stage, operation, chosen)

    ask()


@pytest.mark.parametrize("field", MUTATIONS)
def test_no_text_of_a_mutation_does_harm(stage: Stage, chosen: Sequence[str], field: str) -> None:
    @ONE
    @given(mutations(SCHEMA, fields=[field], custom_scalars=SCALARS))
    def ask(operation: object) -> None:
        check(stage, operation, chosen)

    ask()
