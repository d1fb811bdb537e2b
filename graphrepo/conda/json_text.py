"""Reading JSON that a stranger wrote: everything this module returns can be written again."""

import json
import math
from typing import Any, Final, NoReturn

from graphrepo.errors import InvalidMetadataError


class _RefusedError(ValueError):
    """A value that JSON readers disagree on."""


def parse_json(data: bytes, path: str, *, unique_keys: bool = False) -> Any:  # noqa: ANN401 - JSON
    """Return the parsed document.

    Args:
        data: the document, UTF-8 without a byte order mark (RFC 8259).
        path: of the file in the archive, for messages.
        unique_keys: refuse an object that names a key twice.

    Raises:
        InvalidMetadataError: it is no JSON, or holds NaN, an infinite or endless number, half a
            surrogate pair, or a NUL, which databases do not store.
    """
    try:
        value = (_STRICT if unique_keys else _READER).decode(_text(data))
        _check_strings(value)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        message = f"The file {path} is not valid JSON ({reason[:200]}); correct it and rebuild."
        raise InvalidMetadataError(message) from error
    return value


def _text(data: bytes) -> str:
    text = data.decode("utf-8")
    if text.startswith("\ufeff"):
        message = "it begins with a byte order mark, BOM"
        raise _RefusedError(message)
    return text


def _refuse_constant(text: str) -> NoReturn:
    message = f"{text} is not a JSON number"
    raise _RefusedError(message)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        message = f"the number {text[:20]} is too large"
        raise _RefusedError(message)
    return number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        message = "an object names a key twice"
        raise _RefusedError(message)
    return value


def _check_strings(value: Any) -> None:  # noqa: ANN401 - any JSON value
    rest = [value]
    while rest:
        item = rest.pop()
        if isinstance(item, dict):
            rest += item.keys()
            rest += item.values()
        elif isinstance(item, list):
            rest += item
        elif isinstance(item, str):
            item.encode("utf-8")
            if "\0" in item:
                message = "a string holds a NUL"
                raise _RefusedError(message)


# Made once: ``json.loads`` would make one for each document.
_READER: Final = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)
_STRICT: Final = json.JSONDecoder(
    parse_constant=_refuse_constant, parse_float=_finite, object_pairs_hook=_unique
)
