"""Operations that ask for too much are refused before anything runs."""

from time import process_time

import pytest
from graphql import OperationDefinitionNode, get_introspection_query, parse

from graphrepo.errors import QueryTooComplexError
from graphrepo.graphql.limits import QueryLimits, Weight, check_limits
from graphrepo.graphql.schema import build_schema, core
from tests.graphql.asking import Api
from tests.registry.world import Person, World

SCHEMA = core(build_schema())
BOUNDLESS = QueryLimits(*[10**18] * 6)


def weigh(query: str, limits: QueryLimits = BOUNDLESS, **variables: object) -> Weight:
    document = parse(query)
    (operation, *_) = [
        node for node in document.definitions if isinstance(node, OperationDefinitionNode)
    ]
    return check_limits(SCHEMA, document, operation, variables, limits)


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{ viewer { login name } }", 3),
        # the page, its three counts, then ten names
        ("{ channels(limit: 10) { current pages totalCount page { name } } }", 15),
        ("{ channels { page { name } } }", 52),
        ("{ channels(limit: null) { page { name } } }", 52),
        ("{ channels(limit: 0) { page { name } } }", 2),
        ("{ channels(limit: -5) { page { name } } }", 2),
        ("{ channels(limit: 10) { page { packages(limit: 20) { page { name } } } } }", 222),
        # a list without a limit counts as ten
        ('{ channel(name: "lab") { subdirs { name } } }', 12),
        ('{ package(channelName: "lab", name: "a") { platforms } }', 2),
        ("query($n: Int = 30) { channels(limit: $n) { page { name } } }", 32),
        ("query($n: Int) { channels(limit: $n) { page { name } } }", 52),
        ("{ channels(limit: 10) { ...P } } fragment P on ChannelPageResult { page { name } }", 12),
        ("{ channels(limit: 10) { ... on ChannelPageResult { ... { page { name } } } } }", 12),
        ("{ ...Q ...Q } fragment Q on Query { viewer { login } }", 4),
        ('mutation { deleteChannel(name: "a") { channel { size } } }', 3),
        ("{ unknown { field(limit: 5) { page } } }", 3),
        ("{ ...Missing }", 0),
    ],
)
def test_cost(query: str, cost: int) -> None:
    assert weigh(query).cost == cost


def test_cost_follows_the_variables() -> None:
    query = "query($n: Int = 30) { channels(limit: $n) { page { name } } }"
    assert weigh(query, n=500).cost == 502
    assert weigh(query, n=500.0).cost == 502
    assert weigh(query, n=1e300).cost > 10**9
    assert weigh(query, n="500").cost == 52


def test_a_fragment_costs_what_the_page_around_it_asks() -> None:
    query = """{ a: channels(limit: 2) { ...P } b: channels(limit: 300) { ...P } }
        fragment P on ChannelPageResult { page { name } }"""
    assert weigh(query).cost == 306


def test_depth_aliases_and_fields() -> None:
    query = """{ a: viewer { b: login } ...F __schema { types { fields { name } } } }
        fragment F on Query { c: viewer { channels { page { name } } } }"""
    assert weigh(query) == Weight(fields=10, aliases=3, depth=4, cost=59)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (QueryLimits(cost=51), "The query costs 1"),
        (QueryLimits(depth=2), "The query is 3 levels deep, over the limit of 2"),
        (QueryLimits(aliases=0), "The query has 1 aliases, over the limit of 0"),
        (QueryLimits(fields=2), "The query has 7 fields, over the limit of 2"),
        (QueryLimits(repeats=1), "The query repeats fields 2 times, over the limit of 1"),
    ],
)
def test_each_limit_is_told_with_what_to_do(limits: QueryLimits, said: str) -> None:
    with pytest.raises(QueryTooComplexError, match=rf"^{said}.*; ask .*\.$"):
        weigh("{ a: channels { page { name name } } ...F } fragment F on Query { a b a }", limits)


def test_what_clients_ask_is_within_the_limits() -> None:
    renovate = """{ package(channelName: "a", name: "b") { variants(limit: 500) { pages page {
        createdAt version yankedReason urls { url kind } } } } }"""
    full_page = """{ packages(limit: 500) { totalCount page {
        name summary lastCreatedDate platforms latestVersion { version } channel { name } } } }"""
    for query in (renovate, full_page, get_introspection_query()):
        weigh(query, QueryLimits())


def test_a_flood_is_refused_by_code(api: Api, owner: Person) -> None:
    flood = """{ channels(limit: 500) { page { packages(limit: 500) { page {
        variants(limit: 500) { page { filename } } } } } } }"""
    for query in (
        flood,
        "{ viewer { login } }" + " " * 10 + "fragment F on Query { viewer { login } }" * 400,
        "{" + "a: viewer { login } " * 51 + "}",
        "{" + "viewer { login }" * 30 + "}",
        "{ viewer { login } } fragment F on User { " + "name " * 301 + "}",
        "{ viewer { channels { page { " + "packages { page { channel { " * 4 + "name" + " }" * 16,
        "{" + "viewer {" * 900 + "login" + "}" * 900 + "}",
        "query($a: [[Int]]) { channels(filters: " + "{and: [" * 300 + "]}" * 300 + ") { pages } }",
    ):
        answer = api.ask(owner, query)
        assert answer.codes == ["query_too_complex"], query[:80]
        assert answer.body["data"] is None


def test_nothing_runs_of_a_refused_document(api: Api, owner: Person, world: World) -> None:
    mutation = 'mutation { createChannel(name: "new") { name channel { ' + "a: name " * 60 + "} } }"
    assert api.ask(owner, mutation).codes == ["query_too_complex"]
    assert world.run(world.registry.channels.get(owner.viewer, "new")) is None


def test_only_the_operation_that_runs_is_measured(api: Api, owner: Person) -> None:
    flood = "{ channels(limit: 500) { page { packages(limit: 500) { page { name } } } } }"
    body = {"query": f"query Small {{ viewer {{ login }} }} query Large {flood}"}
    small = api.send(owner, "POST", json={**body, "operationName": "Small"}).json()
    assert small == {"data": {"viewer": {"login": "ada"}}}
    large = api.send(owner, "POST", json={**body, "operationName": "Large"}).json()
    assert large["errors"][0]["extensions"] == {"code": "query_too_complex"}
    for choice in ({}, {"operationName": "None"}):
        unclear = api.send(owner, "POST", json={**body, **choice}).json()
        assert unclear["errors"][0]["extensions"] == {"code": "invalid_request"}


def test_measuring_takes_no_longer_for_documents_made_to_be_long(api: Api, owner: Person) -> None:
    doubling = "".join(
        f"fragment F{place} on Query {{ ...F{place + 1} ...F{place + 1} }}" for place in range(60)
    )
    fanning = "".join(
        f"fragment F{place} on User {{ " + f"...F{place + 1} " * 20 + "}" for place in range(40)
    )
    cycle = "fragment F0 on Query { ...F1 } fragment F1 on Query { ...F0 viewer { login } }"
    chain = "".join(f"fragment F{p} on Query {{ ...F{p + 1} }}" for p in range(200))
    begin = process_time()
    for code, fragments in (
        ("query_too_complex", f"{doubling} fragment F60 on Query {{ viewer {{ login }} }}"),
        ("query_too_complex", f"{fanning} fragment F40 on User {{ login }} "),
        ("invalid_request", cycle),
        # One field: from 3.3.2 on graphql-core gives up nevertheless, before that it answers.
        (None, f"{chain} fragment F200 on Query {{ viewer {{ login }} }}"),
    ):
        root = "viewer { ...F0 }" if "F0 on User" in fragments else "...F0"
        answer = api.ask(owner, f"{{ {root} }} {fragments}")
        assert code is None or answer.codes == [code]
    # Walked to the end, the first alone would visit 2**60 fragments.
    assert process_time() - begin < 60


def test_too_long_a_document_is_told_with_what_to_do(api: Api, owner: Person) -> None:
    query = "{ viewer { login } }" + " fragment F on Query { viewer { login } }" * 400
    answer = api.ask(owner, query)
    assert answer.codes == ["query_too_complex"]
    assert answer.messages == [
        "The query is over the limit of 2000 tokens; ask in several requests."
    ]


def test_subscriptions_have_the_same_limits() -> None:
    query = 'subscription { a: channelChanged(name: "lab") { b: revision actor } }'
    assert weigh(query) == Weight(fields=3, aliases=2, depth=2, cost=3)
