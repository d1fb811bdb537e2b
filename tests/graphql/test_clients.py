"""The operations of ``clients.graphql``: valid, and answered without an error."""

import json
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Final

import pytest
from graphql import OperationDefinitionNode, parse, print_ast, validate

from graphrepo.graphql.compat import accept_older_forms
from graphrepo.graphql.schema import build_schema, core
from tests.graphql.matrix import Actor
from tests.graphql.rehearsal import Stage

TEXT: Final = Path(__file__).with_name("clients.graphql").read_text()
OPERATIONS: Final = {
    node.name.value: print_ast(node)
    for node in parse(TEXT).definitions
    if isinstance(node, OperationDefinitionNode) and node.name
}
VARIABLES: Final[Mapping[str, object]] = {
    "channel": "lab",
    "package": "zlib",
    "version": "1.0",
    "text": "zl",
    "limit": 10,
    "pattern": "share/zlib-1.0.txt",
    "page": 0,
    "entries": [{"subdir": "noarch", "filename": "zlib-1.0-0.conda"}],
    "filters": {"or": None, "and": None, "name": None, "owner": {"eq": "ada"}, "isPublic": True},
    "orderBy": {"byField": {"field": "SIZE", "direction": "DESC"}, "bySimilarity": None},
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("stage"))
    yield stage
    stage.world.close()


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_of_a_client_is_answered(stage: Stage, name: str) -> None:
    text, login = OPERATIONS[name], name.partition("_")[0]
    assert validate(core(build_schema()), accept_older_forms(parse(text), text)) == []
    actor = Actor("", "" if login == "anonymous" else login)
    given = {key: value for key, value in VARIABLES.items() if f"${key}" in text}
    body = stage.run(actor, text, given)
    assert "errors" not in body
    signed_out = name == "anonymous_PixiLogin"
    assert (None in body["data"].values()) is signed_out, body
    if not text.startswith("mutation"):
        assert json.dumps(stage.run_plainly(actor, text, given)) == json.dumps(body)
