"""How failures look over HTTP: one table from codes to statuses, one renderer.

The body is one plain sentence, because uploaders show its first 512 characters to the person
(clients.md). A client that prefers JSON gets ``{"code", "message"}``. The code is in a header
in both cases.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

from graphrepo.errors import (
    GraphrepoError,
    InvalidRequestError,
    LaterError,
    NotFoundError,
)
from graphrepo.observability import log_failure
from graphrepo.web.asgi import Headers, Reply, Scope, header, host_of, json_reply

STATUS: Mapping[str, int] = MappingProxyType(
    {
        "already_exists": 409,
        "archive_limit": 422,
        "attestation_required": 422,
        "attestations_off": 403,
        "attestations_unavailable": 422,
        "blob_corrupt": 500,
        "blob_missing": 500,
        "csrf_rejected": 403,
        "file_exists": 409,
        "filename_mismatch": 422,
        "forbidden": 403,
        "gone": 410,
        "hash_mismatch": 422,
        "identity_token_rejected": 401,
        "internal_error": 500,
        "invalid_archive": 422,
        "invalid_attestation": 422,
        "invalid_build": 422,
        "invalid_channel_name": 422,
        "invalid_filename": 422,
        "invalid_input": 422,
        "invalid_matchspec": 422,
        "invalid_metadata": 422,
        "invalid_name": 422,
        "invalid_package": 422,
        "invalid_request": 400,
        "invalid_subdir": 422,
        "invalid_timestamp": 422,
        "invalid_version": 422,
        "last_administrator": 409,
        "last_owner": 409,
        "method_not_allowed": 405,
        "missing_index_json": 422,
        "not_authenticated": 401,
        "not_configured": 501,
        "not_found": 404,
        # Not 409: uploaders take that for "the file is there" and report success.
        "quarantined": 403,
        "query_too_complex": 400,
        "range_not_satisfiable": 416,
        "setup_closed": 403,
        "source_forbidden": 403,
        "source_unavailable": 502,
        # Not 409: uploaders take that for "the file is there" and do not try again.
        "stale": 503,
        "storage_full": 507,
        "subdir_mismatch": 422,
        "too_large": 413,
        "too_many_attempts": 429,
        "too_many_searches": 429,
        "too_many_subscriptions": 429,
        "too_many_uploads": 429,
        "too_slow": 503,
        "took_too_long": 503,
        "unavailable": 503,
        "unsupported_format": 422,
        "untrusted_publisher": 403,
        "upload_interrupted": 400,
        "v3_not_allowed": 403,
        "wrong_credentials": 401,
    }
)
"""The status of every code. 400, 401, 403, 404, 409, 413 and 422 are final for uploaders."""

RETRY_AFTER: Mapping[str, int] = MappingProxyType(
    {
        "stale": 1,
        "too_many_subscriptions": 5,
        "too_slow": 1,
        "took_too_long": 30,
        "unavailable": 5,
    }
)
"""Seconds after which a repetition may succeed, where the error knows none itself."""


class MethodNotAllowedError(GraphrepoError):
    """There is something at this address, and not for this method."""

    code = "method_not_allowed"

    def __init__(self, allowed: Iterable[str]) -> None:
        """Name the methods that do work."""
        self.allowed = ", ".join(sorted(allowed))
        super().__init__(f"This address answers to {self.allowed} only.")


class RangeNotSatisfiableError(GraphrepoError):
    """The range that is asked for lies behind the end of the file."""

    code = "range_not_satisfiable"

    def __init__(self, size: int) -> None:
        """Tell the size in bytes."""
        self.size = size
        super().__init__(f"The file has {size} bytes; the range asked for begins behind its end.")


def error_reply(error: Exception, scope: Scope) -> Reply:
    """Return the answer that tells of the failure; an unexpected one is logged, not shown."""
    known = _known(error, scope)
    status = STATUS[known.code]
    headers = (("x-graphrepo-error", known.code), *_headers(known, scope))
    if _prefers_json(header(scope, "accept")):
        return json_reply(status, {"code": known.code, "message": known.message}, headers)
    own = (("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store"))
    return Reply(status, (*own, *headers), f"{known.message}\n".encode())


def raise_on(_request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Let a failure out of Litestar, to the boundary that renders all failures alike."""
    raise error


def _from_litestar(error: HTTPException) -> Exception:
    if error.status_code == STATUS["not_found"]:
        return NotFoundError("There is nothing at this address; check its spelling.")
    if error.status_code == STATUS["method_not_allowed"]:
        return MethodNotAllowedError((error.headers or {}).get("allow", "").split(", "))
    if error.status_code < STATUS["internal_error"]:
        return InvalidRequestError(f"The request is malformed: {error.detail}.")
    return error


def _known(error: Exception, scope: Scope) -> GraphrepoError:
    if isinstance(error, HTTPException):
        error = _from_litestar(error)
    return error if isinstance(error, GraphrepoError) else _unexpected(error, scope)


def _unexpected(error: Exception, scope: Scope) -> GraphrepoError:
    request_id = scope["state"].get("request_id", "-")
    log_failure(request_id, error)
    return GraphrepoError(
        f"The server could not answer; try again, or tell its operator this number: {request_id}."
    )


def _headers(error: GraphrepoError, scope: Scope) -> Headers:
    if isinstance(error, MethodNotAllowedError):
        return (("allow", error.allowed),)
    if isinstance(error, RangeNotSatisfiableError):
        return (("content-range", f"bytes */{error.size}"),)
    if STATUS[error.code] == STATUS["not_authenticated"]:
        return _challenges(scope)
    if isinstance(error, LaterError):
        return (("retry-after", str(error.seconds)),)
    seconds = RETRY_AFTER.get(error.code)
    return () if seconds is None else (("retry-after", str(seconds)),)


def _challenges(scope: Scope) -> Headers:
    realm = host_of(scope)
    bearer = ("www-authenticate", f'Bearer realm="{realm}"')
    # A browser answers a Basic challenge with a dialog of its own. The web application, which
    # has a sign-in page, marks its requests; everybody else may need that dialog.
    if header(scope, "x-graphrepo-csrf"):
        return (bearer,)
    return (bearer, ("www-authenticate", f'Basic realm="{realm}"'))


def _prefers_json(accept: str) -> bool:
    kinds = [kind.partition(";")[0].strip().lower() for kind in accept.split(",")]
    wanted = ("application/json", "text/plain", "text/*")
    return next((kind for kind in kinds if kind in wanted), "") == "application/json"
