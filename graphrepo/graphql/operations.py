"""GraphQL operations as they come in a body or a form, checked for their shape.

Forms follow the GraphQL multipart request specification: ``operations``, then ``map``, then
the files in any order. ``map`` says for each file where in ``operations`` it belongs.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, cast

import msgspec

from graphrepo.errors import InvalidRequestError
from graphrepo.graphql.scalars import UploadedFile
from graphrepo.intake.multipart import FilePart, FormLimits, TextPart

FORM_LIMITS: Final = FormLimits(text_bytes=1024 * 1024, parts=22)
"""``operations``, ``map`` and twenty files."""

_ORDER: Final = "A GraphQL form holds operations, then map, then the files."


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation to run; ``variables`` hold an ``UploadedFile`` where a file was sent."""

    query: str
    variables: dict[str, Any]
    name: str | None


def json_operation(data: bytes | str) -> Operation:
    """Return the operation of a JSON body.

    Raises:
        InvalidRequestError: it is no JSON, or not one operation.
    """
    return operation_of(_json(data, "The body"))


def operation_of(value: object) -> Operation:
    """Return the operation that a parsed body describes.

    Raises:
        InvalidRequestError: it is not one operation.
    """
    if isinstance(value, list):
        raise InvalidRequestError("Batches are not taken; send one operation for each request.")
    if not isinstance(value, dict):
        raise InvalidRequestError("The body must be a JSON object with a query.")
    body = cast("dict[str, Any]", value)
    query, name = body.get("query"), body.get("operationName")
    if not isinstance(query, str) or not query.strip():
        raise InvalidRequestError("The request has no query; send it as the text query.")
    if not isinstance(name, str | None):
        raise InvalidRequestError("operationName must be a text.")
    return Operation(query, _variables(body.get("variables")), name or None)


def query_operation(query: str, variables: str | None, name: str | None) -> Operation:
    """Return the operation of a GET request's parameters.

    Raises:
        InvalidRequestError: there is no query, or the variables are no JSON object.
    """
    given = _json(variables, "variables") if variables else None
    return operation_of({"query": query, "variables": given, "operationName": name})


async def form_operation(
    parts: AsyncIterator[TextPart | FilePart],
    receive: Callable[[FilePart], Awaitable[UploadedFile]],
) -> Operation:
    """Return the operation of a form, its files received.

    Args:
        parts: of the form, in the order of their arrival.
        receive: takes a file in; called once for each file that ``map`` names.

    Raises:
        InvalidRequestError: the form does not follow the specification.
    """
    operation = json_operation(await _text(parts, "operations"))
    places = _places(await _text(parts, "map"))
    async for part in parts:
        targets = places.pop(part.name, None)
        if targets is None or not isinstance(part, FilePart):
            raise InvalidRequestError(f"The form's map does not name the part {part.name!r}.")
        file = await receive(part)
        for target in targets:
            _put(operation.variables, target, file)
    if places:
        raise InvalidRequestError(f"The form lacks the files {', '.join(sorted(places))}.")
    return operation


def _variables(value: object) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidRequestError("variables must be a JSON object.")
    return cast("dict[str, Any]", value)


async def _text(parts: AsyncIterator[TextPart | FilePart], name: str) -> str:
    part = await anext(parts, None)
    if not isinstance(part, TextPart) or part.name != name:
        raise InvalidRequestError(_ORDER)
    return part.text


def _places(text: str) -> dict[str, list[str]]:
    try:
        return msgspec.json.decode(text, type=dict[str, list[str]])
    except (msgspec.MsgspecError, RecursionError) as error:
        message = 'map must be a JSON object of lists, such as {"0": ["variables.file"]}.'
        raise InvalidRequestError(message) from error


def _put(variables: dict[str, Any], target: str, file: UploadedFile) -> None:
    """Put the file where the path leads: ``variables.file`` or ``variables.files.0``."""
    root, *steps = target.split(".")
    holder: Any = {root: variables} if root == "variables" else {}
    try:
        for step in (root, *steps[:-1]):
            holder = holder[_key(holder, step)]
        last = _key(holder, steps[-1])
        is_free = holder[last] is None
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise _no_place(target) from error
    if not is_free:
        raise _no_place(target)
    holder[last] = file


def _key(holder: object, step: str) -> int | str:
    return int(step) if isinstance(holder, list) else step


def _no_place(target: str) -> InvalidRequestError:
    message = f"The path {target!r} of the form's map leads to no null among the variables."
    return InvalidRequestError(message)


def _json(data: bytes | str, what: str) -> object:
    try:
        return msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise InvalidRequestError(f"{what} is not valid JSON: {error}.") from error
