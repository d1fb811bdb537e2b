"""Sessions of browsers: sign in, sign out, and the first administrator."""

from dataclasses import dataclass
from typing import TypeVar

import msgspec
from litestar import HttpMethod, Response, route
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import SkipValidation

from graphrepo.access.viewer import Viewer
from graphrepo.errors import InvalidRequestError
from graphrepo.intake.body import body_chunks, read_all
from graphrepo.registry.accounts import SESSION_LIFETIME
from graphrepo.registry.registry import Registry
from graphrepo.web.asgi import Scope, came_by_tls, client_of, header, json_reply
from graphrepo.web.identity import SESSION_COOKIE, has_json, session_secret
from graphrepo.web.incoming import Call, Incoming, TheRegistry, response

T = TypeVar("T", bound=msgspec.Struct)

_BODY_LIMIT = 16 * 1024


class Credentials(msgspec.Struct):
    """The body of a sign-in."""

    login: str
    password: str


class FirstAdministrator(msgspec.Struct):
    """The body of the first set-up; the token is the one of the printed link."""

    token: str
    login: str
    password: str


@dataclass(frozen=True, slots=True)
class SessionCookie:
    """How the cookie is set; ``secure`` of ``None`` follows the request's own protection."""

    secure: bool | None = None

    def holding(self, secret: str, scope: Scope) -> str:
        """Return the Set-Cookie value that keeps a session (RFC 6265)."""
        return self._line(secret, int(SESSION_LIFETIME.total_seconds()), scope)

    def removed(self, scope: Scope) -> str:
        """Return the Set-Cookie value that forgets it."""
        return self._line("", 0, scope)

    def _line(self, secret: str, max_age: int, scope: Scope) -> str:
        line = f"{SESSION_COOKIE}={secret}; Max-Age={max_age}; Path=/; HttpOnly; SameSite=Lax"
        secure = came_by_tls(scope) if self.secure is None else self.secure
        return f"{line}; Secure" if secure else line


TheCookie = NamedDependency[SkipValidation[SessionCookie]]


@route("/api/auth/login", http_method=HttpMethod.POST)
async def login(
    request: Incoming,
    registry: TheRegistry,
    session_cookie: TheCookie,
) -> Response[bytes]:
    """Open a session for login and password."""
    call = Call.of(request)
    sent = await _body(call, Credentials)
    return await _signed_in(call, registry, session_cookie, sent)


@route("/api/auth/setup", http_method=HttpMethod.POST)
async def setup(
    request: Incoming,
    registry: TheRegistry,
    session_cookie: TheCookie,
) -> Response[bytes]:
    """Create the first administrator and open a session for them."""
    call = Call.of(request)
    sent = await _body(call, FirstAdministrator)
    address = client_of(call.scope)
    await registry.accounts.complete_setup(sent.token, sent.login, sent.password, address)
    credentials = Credentials(sent.login, sent.password)
    return await _signed_in(call, registry, session_cookie, credentials)


@route("/api/auth/logout", http_method=HttpMethod.POST)
async def logout(
    request: Incoming,
    registry: TheRegistry,
    session_cookie: TheCookie,
) -> Response[bytes]:
    """Close the session of the cookie, if there is one."""
    scope = Call.of(request).scope
    secret = session_secret(scope)
    if not secret:  # perhaps another site's form, which comes without it: let the browser keep it
        return response(json_reply(200, {}))
    await registry.accounts.logout(secret)
    cookie = ("set-cookie", session_cookie.removed(scope))
    return response(json_reply(200, {}, (cookie,)))


AUTH_ROUTES: list[HTTPRouteHandler] = [login, setup, logout]


async def _signed_in(
    call: Call, registry: Registry, session_cookie: SessionCookie, sent: Credentials
) -> Response[bytes]:
    scope = call.scope
    secret, viewer = await registry.accounts.login(
        sent.login, sent.password, client_of(scope), header(scope, "user-agent")
    )
    if former := session_secret(scope):  # the browser forgets it, and so it is nobody's
        await registry.accounts.logout(former)
    cookie = ("set-cookie", session_cookie.holding(secret, scope))
    return response(json_reply(200, _account(viewer), (cookie,)))


def _account(viewer: Viewer) -> dict[str, object]:
    return {"login": viewer.login, "isAdmin": viewer.is_admin}


async def _body(call: Call, kind: type[T]) -> T:
    # The content type is asked for so that no form of another site can sign anybody in.
    if not has_json(call.scope):
        message = "Send the body as JSON, with Content-Type application/json."
        raise InvalidRequestError(message)
    data = await read_all(body_chunks(call.receive), _BODY_LIMIT)
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        fields = ", ".join(field.name for field in msgspec.structs.fields(kind))
        message = f"The body must be a JSON object with the texts {fields}."
        raise InvalidRequestError(message) from error
