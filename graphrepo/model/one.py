"""One row by what somebody says it is called."""

from typing import Any, TypeVar, cast

E = TypeVar("E")


def named(kind: type[E], **values: object) -> E | None:
    """Return the entity that has these values, none where there is none; inside a session.

    Pony's own ``get`` raises for a text that no row can hold: an empty one, or one too long.
    """
    try:
        return cast("Any", kind).get(**values)
    except ValueError:
        return None
