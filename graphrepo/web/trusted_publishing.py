"""Where CI jobs exchange the token of their service for one of this server (trusted publishing)."""

import msgspec
from litestar import HttpMethod, Response, route
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import SkipValidation

from graphrepo.errors import InvalidRequestError
from graphrepo.intake.body import body_chunks, read_all
from graphrepo.intake.on_demand import Prove
from graphrepo.web.asgi import Reply, client_of
from graphrepo.web.incoming import Call, Incoming, TheRegistry, response

_BODY_LIMIT = 32 * 1024

TheProof = NamedDependency[SkipValidation[Prove]]


class Sent(msgspec.Struct):
    """The body: a JSON Web Token."""

    token: str


@route("/api/oidc/mint_token", http_method=HttpMethod.POST)
async def mint_token(request: Incoming, registry: TheRegistry, prove: TheProof) -> Response[bytes]:
    """Answer with a token for uploads, as bare text: what rattler-build and pixi expect."""
    call = Call.of(request)
    data = await read_all(body_chunks(call.receive), _BODY_LIMIT)
    try:
        sent = msgspec.json.decode(data, type=Sent)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = 'The body must be a JSON object: {"token": "<the CI service\'s token>"}.'
        raise InvalidRequestError(message) from error
    token = await registry.minting.mint(await prove(sent.token), client_of(call.scope))
    headers = (("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store"))
    return response(Reply(200, headers, token.encode()))


PUBLISHING_ROUTES: list[HTTPRouteHandler] = [mint_token]
