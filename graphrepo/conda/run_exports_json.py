"""What a package adds to those built with it: ``info/run_exports.json`` (CEP 12, CEP 34)."""

from collections.abc import Mapping
from typing import cast

from graphrepo.conda.json_text import parse_json
from graphrepo.conda.matchspec import check_matchspec
from graphrepo.errors import InvalidMetadataError

KEYS = ("noarch", "strong", "strong_constrains", "weak", "weak_constrains")
_PATH = "info/run_exports.json"


def read_run_exports(data: bytes | None) -> dict[str, list[str]]:
    """Read a run_exports.json; empty where there is none.

    Raises:
        InvalidMetadataError: it is neither a list of specs nor an object of such lists.
        InvalidMatchSpecError: one of them is no MatchSpec.
    """
    return {} if data is None else normalised_run_exports(parse_json(data, _PATH))


def normalised_run_exports(value: object) -> dict[str, list[str]]:
    """Return the known keys whose lists are not empty; a bare list means ``weak``.

    Raises:
        InvalidMetadataError, InvalidMatchSpecError: as ``read_run_exports``.
    """
    if isinstance(value, list):
        value = {"weak": cast("list[object]", value)}
    if not isinstance(value, Mapping):
        raise _wrong()
    lists = cast("Mapping[str, object]", value)
    return {key: specs for key in KEYS if (specs := _specs(lists.get(key)))}


def _specs(value: object) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _wrong()
    specs = cast("list[object]", value)
    if not all(isinstance(spec, str) for spec in specs):
        raise _wrong()
    return [check_matchspec(spec) for spec in cast("list[str]", specs)]


def _wrong() -> InvalidMetadataError:
    message = (
        f"The file {_PATH} must hold a list of dependencies, or an object with such lists under"
        f" {', '.join(KEYS)}; correct it and rebuild."
    )
    return InvalidMetadataError(message)
