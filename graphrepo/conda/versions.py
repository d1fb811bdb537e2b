"""Conda's order of versions (CEP 33) as bytes that a database can compare.

A version is a list of segments, a segment a list of components, a component an integer or a
string. Whatever is missing counts as 0, so both lists go on with zeros for ever: only what is
not zero needs writing down, each time with the number of zeros before it.

Two lists that agree so far differ at the next component that is not zero in one of them. Below
zero stand ``dev`` and the strings, above it the integers and ``post``. A list whose next such
component is negative is the smaller one, the more so the earlier it comes; a positive one makes
it greater, the more so the earlier it comes; a list that is over lies between. Hence the marks:

    NEGATIVE, zeros before it, the component   <   END   <   POSITIVE, 255 - zeros, the component

The same holds one level up, where a segment of zeros alone is a zero, and the sign of another is
that of its first component that is not zero.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from graphrepo.conda.names import quoted
from graphrepo.errors import InvalidVersionError

_LENGTH = 64
_LARGEST = 2**31 - 1  # CEP 33: of any run of digits

_SEGMENTS = r"[0-9a-z]+(?:[._-][0-9a-z]+)*_?"
_SHAPE = re.compile(rf"(?:(?P<epoch>[0-9]+)!)?(?P<main>{_SEGMENTS})(?:\+(?P<local>{_SEGMENTS}))?")
_SEPARATOR = re.compile(r"[._-](?!$)")
_COMPONENT = re.compile(r"[0-9]+|[^0-9]+")

_NEGATIVE, _END, _POSITIVE = 1, 2, 3
_DEV, _STRING = b"\x01", b"\x02"
_INTEGER, _POST = b"\x01", b"\x02"


class _Code(NamedTuple):
    """A component or segment: its sign, and bytes that order it among those of its sign."""

    sign: int
    data: bytes


_ZERO = _Code(0, b"")


def sort_key(version: str) -> bytes:
    """Return bytes whose order is the order of versions, the same for equal versions.

    Raises:
        InvalidVersionError: this is no version literal of CEP 33.
    """
    shape = _SHAPE.fullmatch(version.lower()) if len(version) <= _LENGTH else None
    if shape is None:
        message = (
            f"The version {quoted(version)} is not of the form 'epoch!1.2.3+local' with parts of"
            " letters and digits between single separators; change the version of the package."
        )
        raise InvalidVersionError(message)
    epoch = _segment(shape["epoch"] or "0")
    return _listed([epoch, *_segments(shape["main"])]) + _listed(_segments(shape["local"] or "0"))


def _segments(text: str) -> list[_Code]:
    return [_segment(part) for part in _SEPARATOR.split(text)]


def _segment(text: str) -> _Code:
    components = [_component(part) for part in _COMPONENT.findall(text)]
    if not text[0].isdigit():
        components.insert(0, _ZERO)  # keeps numbers and strings in phase: 1.1.a1 == 1.1.0a1
    sign = next((component.sign for component in components if component.sign), 0)
    return _Code(sign, _listed(components))


def _component(text: str) -> _Code:
    if text == "dev":
        return _Code(-1, _DEV)
    if text == "post":
        return _Code(1, _POST)
    if not text[0].isdigit():
        return _Code(-1, _STRING + text.encode("ascii") + b"\x00")
    number = int(text)
    if number > _LARGEST:
        message = (
            f"The version holds the number {quoted(text)}, which is over {_LARGEST};"
            " change the version of the package."
        )
        raise InvalidVersionError(message)
    return _Code(1, _INTEGER + number.to_bytes(4, "big")) if number else _ZERO


def _listed(codes: Iterable[_Code]) -> bytes:
    out = bytearray()
    zeros = 0
    for code in codes:
        if code.sign:
            out += bytes((_NEGATIVE, zeros) if code.sign < 0 else (_POSITIVE, 255 - zeros))
            out += code.data
            zeros = 0
        else:
            zeros += 1
    out.append(_END)
    return bytes(out)
