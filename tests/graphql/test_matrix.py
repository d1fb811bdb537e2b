"""Every query, mutation and subscription, asked by everybody, of a public and a private channel.

What comes out must be what ``matrix`` reads off the policy. All cells ask one filled world:
mutations run as they always do, and are rolled back where they would be committed.
"""

import json
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from graphql import GraphQLObjectType, is_leaf_type

from graphrepo.access.policy import Action
from graphrepo.errors import GraphrepoError
from graphrepo.graphql.schema import build_schema, core
from tests.graphql.matrix import (
    ACTORS,
    CHANNELS,
    MUTATIONS,
    QUERIES,
    ROLES,
    SUBSCRIPTIONS,
    Actor,
    Refused,
    table,
)
from tests.graphql.rehearsal import Stage

SCHEMA: Final = core(build_schema())
PRINTED: Final = Path(__file__).with_name("matrix.md")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("stage"))
    yield stage
    stage.world.close()


def fields(kind: str) -> Mapping[str, Any]:
    found = SCHEMA.type_map[kind]
    assert isinstance(found, GraphQLObjectType)
    return found.fields


def test_every_root_field_has_its_rule() -> None:
    assert [*MUTATIONS] == [*fields("Mutation")]
    assert [*QUERIES] == [*fields("Query")]
    assert [*SUBSCRIPTIONS] == [*fields("Subscription")]


def test_the_printed_matrix_is_current() -> None:
    message = "run: python -m tests.graphql.matrix > tests/graphql/matrix.md"
    assert PRINTED.read_text() == table(), message


def refusal(actor: Actor) -> str:
    return "not_authenticated" if actor.viewer.is_anonymous else "forbidden"


def told(body: Mapping[str, Any], channel: str) -> str:
    """Return an answer as it would be about another channel that does not exist."""
    return json.dumps(body).replace(channel, "nowhere")


@pytest.mark.parametrize("name", MUTATIONS)
def test_who_may_change_what(stage: Stage, name: str) -> None:
    rule = MUTATIONS[name]
    leaf = is_leaf_type(SCHEMA.type_map[str(fields("Mutation")[name].type).strip("!")])
    field = f"mutation {name}{'' if leaf else ' { __typename }'}"
    for actor in ACTORS:
        missing = None
        for channel in reversed(CHANNELS if "$c" in rule.arguments else ("",)):
            body = stage.ask(actor, field, rule.arguments, channel)
            codes = [error["extensions"]["code"] for error in body.get("errors", ())]
            allowed = [rule.fails] if rule.fails else []
            expected = allowed if rule.serves(actor, channel) else [refusal(actor)]
            assert codes == expected, (actor.title, channel, body)
            assert (body["data"] is None) is bool(expected)
            missing = missing or told(body, channel)
            if not actor.may(Action.READ, channel) and channel:
                assert told(body, channel) == missing, (actor.title, channel)


@pytest.mark.parametrize("name", QUERIES)
def test_who_is_told_what(stage: Stage, name: str) -> None:
    question = QUERIES[name]
    field = f"query {name} {question.selection}"
    for actor in ACTORS:
        for channel in CHANNELS if "$" in question.arguments else ("",):
            body = stage.ask(actor, field, question.arguments, channel)
            expected = question.expected(actor, channel)
            if isinstance(expected, Refused):
                (error,) = body["errors"]
                assert error["extensions"]["code"] == refusal(actor), (actor.title, body)
            else:
                assert body == {"data": {name: expected}}, (actor.title, channel)


@pytest.mark.parametrize("name", SUBSCRIPTIONS)
def test_who_may_follow_what(stage: Stage, name: str) -> None:
    assert name == "channelChanged"
    follow = stage.world.registry.feed.follow
    for actor in ACTORS:
        for channel in CHANNELS:
            if SUBSCRIPTIONS[name].serves(actor, channel):
                stage.world.run(follow(actor.viewer, channel))
                continue
            with pytest.raises(GraphrepoError) as refused:
                stage.world.run(follow(actor.viewer, channel))
            assert refused.value.code == refusal(actor), (actor.title, channel)


def test_nothing_was_kept(stage: Stage) -> None:
    """Else a cell would have been asked of another world than the first."""
    root = Actor("", "root")
    body = stage.ask(root, "query channels { page { name } }", "", "")
    assert [each["name"] for each in body["data"]["channels"]["page"]] == [*ROLES]
