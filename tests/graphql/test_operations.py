"""The shapes in which an operation may come, and those that are refused."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from graphrepo.blobs.digest import Digests
from graphrepo.errors import InvalidRequestError
from graphrepo.graphql.operations import (
    Operation,
    form_operation,
    json_operation,
    operation_of,
    query_operation,
)
from graphrepo.graphql.scalars import UploadedFile
from graphrepo.intake.multipart import FilePart, TextPart

QUERY = "{ viewer { login } }"


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""


def file(name: str, filename: str = "a-1-0.conda") -> FilePart:
    return FilePart(name, filename, {}, _nothing())


async def _received(part: FilePart) -> UploadedFile:
    digests = Digests(blake3="", sha256="", md5="", size=0)
    unread: Any = None
    return UploadedFile(part.filename, unread, digests)


def form(*parts: TextPart | FilePart) -> Operation:
    async def sent() -> AsyncIterator[TextPart | FilePart]:
        for part in parts:
            yield part

    return asyncio.run(form_operation(sent(), _received))


def operations(variables: str) -> TextPart:
    return TextPart("operations", f'{{"query": "{QUERY}", "variables": {variables}}}')


def test_a_body_is_one_operation() -> None:
    assert json_operation(f'{{"query": "{QUERY}"}}'.encode()) == Operation(QUERY, {}, None)
    text = f'{{"query": "{QUERY}", "variables": {{"a": 1}}, "operationName": "B", "more": 1}}'
    assert json_operation(text) == Operation(QUERY, {"a": 1}, "B")
    nulls = f'{{"query": "{QUERY}", "variables": null, "operationName": null}}'
    assert json_operation(nulls) == Operation(QUERY, {}, None)


def test_an_address_is_one_operation() -> None:
    assert query_operation(QUERY, None, None) == Operation(QUERY, {}, None)
    assert query_operation(QUERY, '{"a": 1}', "B") == Operation(QUERY, {"a": 1}, "B")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b'{"query": "\xff"}', "not valid JSON"),
        (b'{"query": NaN}', "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b'[{"query": "{ a }"}]', "Batches are not taken"),
        (b'"{ a }"', "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b"{}", "has no query"),
        (b'{"query": null}', "has no query"),
        (b'{"query": "  "}', "has no query"),
        (b'{"query": "{ a }", "variables": []}', "variables must be"),
        (b'{"query": "{ a }", "variables": "{}"}', "variables must be"),
        (b'{"query": "{ a }", "operationName": 1}', "operationName must be"),
    ],
)
def test_what_is_no_operation(text: bytes, sentence: str) -> None:
    with pytest.raises(InvalidRequestError, match=sentence):
        json_operation(text)


def test_an_address_without_an_operation() -> None:
    for query, variables in (("", None), (QUERY, "{"), (QUERY, "[]")):
        with pytest.raises(InvalidRequestError):
            query_operation(query, variables, None)


def test_files_take_the_places_that_the_map_says() -> None:
    taken = form(
        operations('{"one": null, "many": [null, null], "deep": {"er": null}, "other": 5}'),
        TextPart(
            "map",
            '{"a": ["variables.one", "variables.many.1"], "b": ["variables.many.0"],'
            ' "c": ["variables.deep.er"]}',
        ),
        file("b", "b.conda"),
        file("a", "a.conda"),
        file("c", "c.conda"),
    )
    assert taken.variables["other"] == 5
    assert taken.variables["one"].filename == "a.conda"
    assert [found.filename for found in taken.variables["many"]] == ["b.conda", "a.conda"]
    assert taken.variables["deep"]["er"].filename == "c.conda"


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ([], "operations, then map"),
        ([TextPart("map", "{}")], "operations, then map"),
        ([operations("{}")], "operations, then map"),
        ([file("operations")], "operations, then map"),
        ([operations("{}"), file("map")], "operations, then map"),
        ([TextPart("operations", "[]"), TextPart("map", "{}")], "Batches"),
        ([operations("{}"), TextPart("map", "[]")], "map must be"),
        ([operations("{}"), TextPart("map", '{"a": "variables.b"}')], "map must be"),
        ([operations("{}"), TextPart("map", "{}"), file("a")], "does not name the part 'a'"),
        (
            [operations('{"f": null}'), TextPart("map", '{"a": ["variables.f"]}')],
            "lacks the files a",
        ),
        (
            [
                operations('{"f": null}'),
                TextPart("map", '{"a": ["variables.f"]}'),
                TextPart("a", "no file"),
            ],
            "does not name the part 'a'",
        ),
    ],
)
def test_forms_that_break_the_specification(
    parts: list[TextPart | FilePart], sentence: str
) -> None:
    with pytest.raises(InvalidRequestError, match=sentence):
        form(*parts)


@pytest.mark.parametrize(
    "target",
    [
        "",
        "variables",
        "f",
        "query",
        "variables.g",
        "variables.taken",
        "variables.taken.0",
        "variables.list.1",
        "variables.list.x",
        "variables.f.x",
        "variables.",
        "0.variables.f",
    ],
)
def test_places_that_are_none(target: str) -> None:
    with pytest.raises(InvalidRequestError, match="leads to no null"):
        form(
            operations('{"f": null, "taken": 5, "list": [null]}'),
            TextPart("map", f'{{"a": ["{target}"]}}'),
            file("a"),
        )


def test_a_place_is_taken_once() -> None:
    with pytest.raises(InvalidRequestError, match="leads to no null"):
        form(
            operations('{"f": null}'),
            TextPart("map", '{"a": ["variables.f"], "b": ["variables.f"]}'),
            file("a"),
            file("b"),
        )


def test_only_an_object_holds_an_operation() -> None:
    with pytest.raises(InvalidRequestError):
        operation_of(5)
