"""Failures as clients see them: ``{"message", "locations", "path", "extensions": {"code"}}``.

``code`` is the domain error's own. What graphql-core refuses by itself (syntax, unknown fields,
values of the wrong type) is the code of a malformed request. Anything unexpected is logged
with an id, and the client gets the id alone.
"""

import logging
import secrets
from collections.abc import Iterable
from typing import Any, Final

from graphql import GraphQLError
from strawberry.exceptions import StrawberryGraphQLError, StrawberryInputCoercionError

from graphrepo.errors import (
    GraphrepoError,
    InvalidRequestError,
    LaterError,
    QueryTooComplexError,
)

_LOG: Final = logging.getLogger(__name__)
_REFUSED_BY_GRAPHQL: Final = (
    GraphQLError,
    StrawberryGraphQLError,
    StrawberryInputCoercionError,
)


def error_entries(errors: Iterable[GraphQLError], operation: str | None) -> list[dict[str, Any]]:
    """Return the errors as they go into the answer.

    Args:
        errors: what the execution gave.
        operation: the name of the operation, for the log.
    """
    return [_entry(error, operation) for error in errors]


def _entry(error: GraphQLError, operation: str | None) -> dict[str, Any]:
    failure = _domain_error(error) or _unexpected(error, operation)
    return {
        **error.formatted,
        "message": failure.message,
        "extensions": {"code": failure.code, **_later(failure)},
    }


def _later(failure: GraphrepoError) -> dict[str, Any]:
    return {"retryAfter": failure.seconds} if isinstance(failure, LaterError) else {}


def _domain_error(error: GraphQLError) -> GraphrepoError | None:
    cause = _cause(error)
    if isinstance(cause, GraphrepoError):
        return cause
    if isinstance(cause, RecursionError):
        return QueryTooComplexError("The query or its variables are nested too deeply.")
    if not isinstance(cause, _REFUSED_BY_GRAPHQL):
        return None
    return _refusal(error.message)


def _refusal(message: str) -> GraphrepoError:
    # graphql-core says so in words alone.
    if "aborted" in message or "nested too deeply" in message:
        return QueryTooComplexError(message)
    return InvalidRequestError(message)


def _cause(error: BaseException) -> BaseException:
    """Return what a chain of located errors began with."""
    while isinstance(error, GraphQLError) and error.original_error is not None:
        error = error.original_error
    return error


def _unexpected(error: GraphQLError, operation: str | None) -> GraphrepoError:
    ident = secrets.token_hex(6)
    _LOG.error(
        "error %s in GraphQL operation %r at %s",
        ident,
        operation,
        error.path,
        exc_info=_cause(error),
    )
    return GraphrepoError(f"Something failed on the server; tell its operator the id {ident}.")
