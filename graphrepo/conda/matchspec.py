"""MatchSpecs (CEP 29) as packages carry them in ``depends`` and ``constrains``.

The grammar is rattler's: whatever it cannot read would break every client built on it.
"""

import re

from rattler import MatchSpec
from rattler.exceptions import CanonicalMatchSpecError
from rattler.exceptions import InvalidMatchSpecError as UnreadableMatchSpecError

from graphrepo.conda.names import quoted
from graphrepo.errors import InvalidMatchSpecError

V3_KEYS = frozenset({"when", "extras", "flags"})
"""Keys that only v3 records may use (CEP 43, 44, 45)."""

_BRACKET_KEYS = V3_KEYS | {"version", "build", "build_number"}  # CEP 48: and no others

# rattler descends once per parenthesis and has no limit of its own: 100,000 of them overflow
# the stack and end the process. The longest dependency seen in a real channel has 400 characters.
_LENGTH = 2048
_DEPTH = 64

# In the canonical form a value is a list in brackets, or a string in quotes with \ escapes.
_KEY = re.compile(r"""(\w+)=(?:\[[^\]]*\]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


def check_matchspec(text: str) -> str:
    """Return the spec unchanged if every client can read it.

    Raises:
        InvalidMatchSpecError: it is no MatchSpec with an exact package name.
    """
    _canonical(text)
    return text


def spec_keys(text: str) -> frozenset[str]:
    """Return what the spec restricts besides the name, such as ``{"version", "when"}``.

    Raises:
        InvalidMatchSpecError: it is no MatchSpec with an exact package name.
    """
    return frozenset(_KEY.findall(_canonical(text).partition("[")[2]))


def bracket_form(text: str) -> str:
    """Return the spec as v3 records hold it (CEP 48): ``name`` or ``name[key="value",...]``.

    Raises:
        InvalidMatchSpecError: it is no MatchSpec, or uses a key that v3 records may not have.
    """
    foreign = sorted(spec_keys(text) - _BRACKET_KEYS)
    if foreign:
        message = (
            f"The dependency {quoted(text)} sets {', '.join(foreign)}, which packages of schema 3"
            " may not (CEP 48); keep to version, build, build_number, when, extras and flags."
        )
        raise InvalidMatchSpecError(message)
    return _canonical(text)


def _canonical(text: str) -> str:
    if not text.isascii() or not text.isprintable():
        raise _refused(text, "it holds characters that are not printable ASCII")
    if len(text) > _LENGTH or text.count("(") > _DEPTH:
        raise _refused(text, f"over {_LENGTH} characters or {_DEPTH} parentheses are too many")
    try:
        return MatchSpec(text).to_canonical_string()
    except (UnreadableMatchSpecError, CanonicalMatchSpecError) as error:
        raise _refused(text, str(error).partition("\n")[0]) from error


def _refused(text: str, reason: str) -> InvalidMatchSpecError:
    return InvalidMatchSpecError(
        f"The dependency {quoted(text)} is not a MatchSpec ({reason[:200]});"
        " write it as 'name', 'name >=1.2' or 'name 1.2.* build'."
    )
