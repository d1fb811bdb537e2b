"""The leaf types whose meaning here differs from Strawberry's own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, Final

import msgspec
from graphql import GraphQLError, GraphQLNamedType, GraphQLScalarType, IntValueNode, ValueNode
from strawberry.types.scalar import ScalarDefinition

from graphrepo.blobs.digest import Digests
from graphrepo.blobs.staging import StagedFile

_BITS: Final = 63
_HIGHEST: Final = 2**_BITS - 1
_LOWEST: Final = -(2**_BITS)
# RFC 3339 §5.6; fromisoformat alone also takes week dates and times without an offset.
_MOMENT: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that came with the request and waits in staging; the transport discards it."""

    filename: str
    staged: StagedFile
    digests: Digests


class _WideInt(GraphQLScalarType):
    # graphql-core guards the names of its own scalars with this table. Sizes and counts exceed
    # 2^31 - 1, and existing clients ask for them as Int, so the name is taken again.
    reserved_types = MappingProxyType[str, GraphQLNamedType]({})


def _int(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise GraphQLError(f"Int cannot represent the value {value!r}: it is no whole number.")
    if not _LOWEST <= value <= _HIGHEST:
        raise GraphQLError("Int cannot represent a value of more than 64 bits.")
    return int(value)


def _int_literal(node: ValueNode, _variables: object = None) -> int:
    # 20 characters hold every 64-bit number; more would only cost time to convert.
    if not isinstance(node, IntValueNode) or len(node.value) > len(str(_LOWEST)):
        raise GraphQLError("Int cannot represent this value: it is no whole number of 64 bits.")
    return _int(int(node.value))


def moment_text(value: datetime) -> str:
    """Return an aware moment as RFC 3339 in UTC, with ``Z``."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _moment(value: object) -> datetime:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise GraphQLError("DateTime is RFC 3339 with an offset, such as 2030-01-31T12:00:00Z.")
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise GraphQLError(f"DateTime cannot represent {value!r}: {error}.") from error


def _day(value: object) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise GraphQLError("NaiveDate is a day such as 2030-01-31.")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise GraphQLError(f"NaiveDate cannot represent {value!r}: {error}.") from error


def json_value(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return what a stored JSON text says."""
    return msgspec.json.decode(text)


def verbatim(text: str) -> msgspec.Raw:
    """Return a stored JSON text as it stands, for an answer: nothing there reads it."""
    return msgspec.Raw(text.encode())


def _same(value: object) -> object:
    return value


def _uploaded(value: object) -> UploadedFile:
    if not isinstance(value, UploadedFile):
        raise GraphQLError("Upload is a file of a multipart request, not a value in the query.")
    return value


def _definition(kind: GraphQLScalarType) -> ScalarDefinition:
    return ScalarDefinition(
        name=kind.name,
        description=kind.description,
        specified_by_url=kind.specified_by_url,
        serialize=None,
        parse_value=None,
        parse_literal=None,
        implementation=kind,
    )


class JSON:
    """Marks a field that holds any JSON value."""


SCALARS: Final[Mapping[object, ScalarDefinition]] = {
    int: _definition(
        _WideInt(
            "Int",
            coerce_output_value=_int,
            coerce_input_value=_int,
            coerce_input_literal=_int_literal,
            description="A whole number of up to 64 bits.",
        )
    ),
    datetime: _definition(
        GraphQLScalarType(
            "DateTime",
            coerce_output_value=moment_text,
            coerce_input_value=_moment,
            description="A moment as RFC 3339 writes it; answers are in UTC.",
            specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
        )
    ),
    date: _definition(
        GraphQLScalarType(
            "NaiveDate",
            coerce_output_value=date.isoformat,
            coerce_input_value=_day,
            description="A day of the calendar, such as 2030-01-31.",
        )
    ),
    JSON: _definition(
        GraphQLScalarType(
            "JSON",
            coerce_output_value=_same,
            coerce_input_value=_same,
            description="A JSON value, not a string that holds one.",
        )
    ),
    UploadedFile: _definition(
        GraphQLScalarType(
            "Upload",
            coerce_output_value=_uploaded,
            coerce_input_value=_uploaded,
            description="A file of a multipart request (GraphQL multipart request specification).",
        )
    ),
}
"""What stands for each Python type in the schema."""
