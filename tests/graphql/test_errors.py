"""What clients learn of failures, and what only the log does."""

import asyncio
import logging
from dataclasses import replace
from typing import Any

import pytest
from graphql import GraphQLError

from graphrepo.errors import StaleError
from graphrepo.graphql.errors import error_entries
from graphrepo.graphql.loading import existing
from tests.graphql.asking import Api
from tests.registry.world import Person, World


def test_an_unexpected_failure_is_an_id_for_the_client_and_a_traceback_in_the_log(
    world: World, owner: Person, caplog: pytest.LogCaptureFixture
) -> None:
    broken: Any = None  # a registry that lost its keys fails in a way nobody foresaw
    world.registry = replace(world.registry, keys=broken)
    query = 'query Mine { viewer { login } apiKeys { name } channel(name: "secret") { name } }'
    with caplog.at_level(logging.ERROR):
        answer = Api(world).ask(owner, query)
    assert answer.codes == ["internal_error"]
    assert answer.body["errors"][0]["path"] == ["apiKeys"]
    (record,) = caplog.records
    ident = answer.messages[0].rpartition(" ")[2].rstrip(".")
    assert ident in record.getMessage()
    assert "NoneType" not in answer.messages[0]
    assert "AttributeError" in caplog.text
    assert "secret" not in record.getMessage()


def test_what_is_nested_beyond_the_interpreter_is_too_complex() -> None:
    error = GraphQLError("too deep", original_error=RecursionError())
    assert error_entries([error], None)[0]["extensions"] == {"code": "query_too_complex"}


def test_what_vanished_between_two_reads_is_worth_another_try() -> None:
    async def gone() -> str | None:
        return None

    with pytest.raises(StaleError, match="send the query again"):
        asyncio.run(existing(gone()))


def test_an_address_runs_queries_only(api: Api, owner: Person) -> None:
    read = api.send(owner, "GET", params={"query": "{ viewer { login } }"})
    assert read.json() == {"data": {"viewer": {"login": "ada"}}}
    write = api.send(
        owner, "GET", params={"query": 'mutation { deleteChannel(name: "lab") { name } }'}
    )
    assert write.json() == {
        "data": None,
        "errors": [
            {
                "message": "This way changes nothing; send mutations in the body of a POST.",
                "extensions": {"code": "invalid_request"},
            }
        ],
    }
    assert api.ask(owner, '{ channel(name: "lab") { name } }').data["channel"]


def test_what_graphql_refuses_is_a_malformed_request(api: Api, owner: Person) -> None:
    for query in (
        "{",
        "{ nothing }",
        "{ viewer }",
        "{ channel { name } }",
        "{ channel(name: 5) { name } }",
        "{ ...Missing }",
        "fragment F on User { login }",
        "subscription { nothing }",
        "query($n: String!) { channel(name: $n) { name } }",
    ):
        answer = api.ask(owner, query)
        assert set(answer.codes) == {"invalid_request"}, query
        assert answer.body["data"] is None
