"""Taking typed values out of the JSON documents in ``info/``."""

from collections.abc import Mapping
from typing import Any, cast

from graphrepo.errors import InvalidMetadataError

Document = Mapping[str, Any]
"""A parsed JSON object, its values not yet checked."""


def as_object(value: object, path: str) -> Document:
    """Return the parsed document if it is an object.

    Raises:
        InvalidMetadataError: it is not.
    """
    if not isinstance(value, dict):
        message = f"The file {path} must hold a JSON object; correct it and rebuild."
        raise InvalidMetadataError(message)
    return cast("Document", value)


def required_text(index: Document, key: str) -> str:
    """Return the string that index.json must have under the key.

    Raises:
        InvalidMetadataError: it is missing or no string.
    """
    value = index.get(key)
    if not isinstance(value, str):
        raise wrong(key, "a string")
    return value


def optional_text(index: Document, key: str) -> str | None:
    """Return the string under the key; None where it is absent, null or empty.

    Raises:
        InvalidMetadataError: it is something else.
    """
    return required_text(index, key) or None if index.get(key) is not None else None


def texts(index: Document, key: str) -> list[str]:
    """Return the list of strings under the key, empty where it is absent or null.

    Raises:
        InvalidMetadataError: it is something else.
    """
    return text_list(index.get(key), key)


def text_list(value: object, key: str) -> list[str]:
    """Return the value as a list of strings, empty for null.

    Raises:
        InvalidMetadataError: it is something else.
    """
    items = cast("list[object]", [] if value is None else value)
    if not isinstance(value, list | None) or not all(isinstance(item, str) for item in items):
        raise wrong(key, "a list of strings")
    return cast("list[str]", items)


def is_integer(value: object) -> bool:
    """Tell whether a JSON value is an integer; ``true`` is not."""
    return isinstance(value, int) and not isinstance(value, bool)


def wrong(key: str, wanted: str) -> InvalidMetadataError:
    """Return the error for a key of index.json that holds nothing or the wrong thing."""
    message = f"The key '{key}' in info/index.json must be {wanted}; correct it and rebuild."
    return InvalidMetadataError(message)
