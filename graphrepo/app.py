"""The composition root: everything is built and wired here, and nothing at import."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from litestar import Litestar
from litestar.di import Provide
from litestar.plugins.core import MsgspecDIPlugin

from graphrepo import __version__
from graphrepo.blobs.opening import open_store
from graphrepo.blobs.store import BlobStore
from graphrepo.clock import system_clock
from graphrepo.deferred import Deferred
from graphrepo.graphql.routes import graphql_routes
from graphrepo.intake.addresses import anything, is_public
from graphrepo.intake.body import Receive
from graphrepo.intake.converting import convert
from graphrepo.intake.on_demand import Prove, fetching, proving
from graphrepo.intake.receive import Fetch
from graphrepo.intake.sigstore_bundles import SigstoreBundles
from graphrepo.intake.trust_root import TrustRoot
from graphrepo.lifespans import wait_widely, warmed, work_along
from graphrepo.model.database import Database
from graphrepo.model.engine import Pool
from graphrepo.observability import RequestLog, configure_logging
from graphrepo.registry.background import Means, job_worker
from graphrepo.registry.courtesy import CourtesyLimits
from graphrepo.registry.housekeeping import Retention
from graphrepo.registry.job_worker import JobWorker
from graphrepo.registry.registry import Registry, assemble
from graphrepo.settings import CookieSecurity, Sendfile, Settings
from graphrepo.steps import Watch, unwatched
from graphrepo.web.asgi import App, Scope, Send
from graphrepo.web.assets import load_assets
from graphrepo.web.auth import AUTH_ROUTES, SessionCookie
from graphrepo.web.channel_files import ChannelFiles, is_channel_path
from graphrepo.web.errors import raise_on
from graphrepo.web.framing import Framing
from graphrepo.web.front import Boundary, Front, Ledger, Patience, Unread
from graphrepo.web.hand_over import HandOver
from graphrepo.web.identity import Identity
from graphrepo.web.incoming import Incoming
from graphrepo.web.metrics import METRICS_ROUTES, Figures, Meter
from graphrepo.web.operations import OPERATION_ROUTES, Ready
from graphrepo.web.origins import CrossOrigin
from graphrepo.web.package_routes import PACKAGE_ROUTES
from graphrepo.web.previews import previews_of
from graphrepo.web.proxies import Proxies
from graphrepo.web.repeats import Repeatable
from graphrepo.web.stopping import StopSignal
from graphrepo.web.trusted_publishing import PUBLISHING_ROUTES
from graphrepo.web.ui import ui_routes
from graphrepo.web.upload import Door

if TYPE_CHECKING:
    from litestar.plugins import PluginProtocol
    from litestar.types import ASGIApp, ControllerRouterHandler

    from graphrepo.graphql.transport import Transport

_COPY_SECONDS = 15 * 60.0  # for a whole file from elsewhere
_KEYS_BYTES, _KEYS_SECONDS = 1024 * 1024, 20.0  # for what a CI service says of its keys
_SECURE = {CookieSecurity.AUTO: None, CookieSecurity.ALWAYS: True, CookieSecurity.NEVER: False}


def serve_app() -> Litestar:
    """Build the application from the environment; the factory that an ASGI server calls."""
    settings = Settings.from_environment()
    configure_logging(settings.log_level, as_json=settings.logs_json)
    return create_app(settings)


def create_app(settings: Settings, *, watch: Watch = unwatched) -> Litestar:
    """Build the application. Files are touched when it starts, and let go when it ends."""
    pool = Pool.of(settings.database_connections, settings.database_timeout)
    database = Database(settings.database_address, pool, watch=watch)
    lends = settings.redirect_artifacts
    store = open_store(settings.blobs, settings.scratch, lends=lends, watch=watch)
    registry = _registry(database, store, settings)
    figures = Figures(settings.metrics_token, Meter())
    ledger = Ledger(RequestLog(as_json=settings.logs_json), meter=figures.note)
    door = Door(registry.publisher, settings.max_upload_bytes, registry.courtesy)
    graphql = _graphql(registry, settings)
    app = _Litestar(
        _routes(registry, graphql),
        lifespan=[
            wait_widely(settings),
            work_along(
                database, registry, _worker(registry, database, store, settings), ledger.log
            ),
            warmed(graphql),
        ],
        dependencies={
            "registry": _given(registry),
            "door": _given(door),
            "session_cookie": _given(SessionCookie(_SECURE[settings.cookie_secure])),
            "prove": _given(_proof(store, settings)),
            "figures": _given(figures),
            "is_ready": _given(_readiness(registry, store, graphql)),
        },
        exception_handlers={Exception: raise_on},
        openapi_config=None,
        logging_config=None,
    )
    routes = cast("App", app.asgi_handler)
    front = _in_front(routes, ChannelFiles(registry, door), registry, settings, ledger)
    app.asgi_handler = cast("ASGIApp", front)
    return app


class _Litestar(Litestar):
    """Litestar without plugins for pydantic and attrs, whose types no route takes.

    It would load both wherever something has installed them: a fifth of the start. There is no
    public way: its constructor asks for its own plugins before it looks at anything it was given,
    and ``on_app_init`` comes after both are loaded. A test looks at what is loaded.
    """

    @staticmethod
    def _get_default_plugins(plugins: "list[PluginProtocol]") -> "list[PluginProtocol]":
        return [*plugins, MsgspecDIPlugin()]


def _registry(database: Database, store: BlobStore, settings: Settings) -> Registry:
    trust = TrustRoot(system_clock, settings.sigstore_trust_root)
    return assemble(
        database,
        store,
        base_url=settings.base_url or "",
        keep_paths=settings.store_paths,
        retention=Retention(shards=timedelta(days=settings.shard_days)),
        issuers=settings.oidc_issuers,
        attempts=settings.attempts,
        courtesy_limits=CourtesyLimits(settings.anonymous_searches, settings.uploads_per_key),
        verify=SigstoreBundles(trust).verify,
    )


def _routes(
    registry: Registry, graphql: Deferred["Transport"]
) -> "Sequence[ControllerRouterHandler]":
    return (
        *PACKAGE_ROUTES,
        *AUTH_ROUTES,
        *PUBLISHING_ROUTES,
        *OPERATION_ROUTES,
        *METRICS_ROUTES,
        *graphql_routes(graphql),
        *_pages(registry, graphql),
    )


def _pages(
    registry: Registry, graphql: Deferred["Transport"]
) -> "Sequence[ControllerRouterHandler]":
    async def ask(request: Incoming, document: str, variables: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Answer at once or not at all: a page does not wait until GraphQL is loaded."""
        transport = graphql.made
        return await transport.ask(request, document, variables) if transport else None

    version = registry.indexing.version
    return ui_routes(load_assets(), previews_of(registry), ask, version)


def _graphql(registry: Registry, settings: Settings) -> Deferred["Transport"]:
    def load() -> "Transport":
        # Here, not above: why, says ``graphql.routes``.
        from graphrepo.graphql import context, execution, transport  # noqa: PLC0415

        instance = context.Instance(__version__, settings.max_upload_bytes)
        running = execution.Execution(registry, instance, base_url=settings.base_url)
        return transport.Transport(running)

    return Deferred(load)


def _in_front(
    routes: App,
    channels: App,
    registry: Registry,
    settings: Settings,
    ledger: Ledger,
) -> App:
    """Return what answers every request: the layers of ``web.front``, then a fork."""

    async def fork(scope: Scope, receive: Receive, send: Send) -> None:
        is_file = scope["type"] == "http" and is_channel_path(scope["path"])
        await (channels if is_file else routes)(scope, receive, send)

    known = Boundary(Identity(_handed_over(fork, settings), registry.accounts))
    inner = Unread(known, Patience(silence=settings.idle_timeout))
    own = CrossOrigin(inner, settings.allowed_origins, settings.base_url)
    proxies = Proxies(settings.trusted_proxies)
    version = registry.indexing.version
    front = Front(Repeatable(Framing(own), version, ledger, proxies), ledger)

    stop = StopSignal(registry.feed.dismiss)

    async def enter(scope: Scope, receive: Receive, send: Send) -> None:
        stop.listen()
        proxies.settle(scope)
        await front(scope, receive, send)

    return enter


def _handed_over(app: App, settings: Settings) -> App:
    directory = settings.blobs.directory
    if settings.sendfile is Sendfile.NO or directory is None:
        return app
    is_nginx = settings.sendfile is Sendfile.X_ACCEL_REDIRECT
    return HandOver(app, directory if is_nginx else None)


def _worker(
    registry: Registry, database: Database, store: BlobStore, settings: Settings
) -> JobWorker:
    fetch = _fetch(store, settings, settings.max_upload_bytes, _COPY_SECONDS)
    return job_worker(registry, database, Means(fetch, convert))


def _proof(store: BlobStore, settings: Settings) -> Prove:
    fetch = _fetch(store, settings, _KEYS_BYTES, _KEYS_SECONDS)
    return proving(fetch, settings.oidc_issuers, settings.audiences, system_clock)


def _fetch(store: BlobStore, settings: Settings, max_bytes: int, seconds: float) -> Fetch:
    judge = anything if settings.allow_private_sources else is_public
    return fetching(store.staging.open, judge, max_bytes, seconds)


def _readiness(registry: Registry, store: BlobStore, graphql: Deferred["Transport"]) -> Ready:
    async def check() -> None:
        await graphql.get()
        await registry.accounts.has_users()
        await asyncio.to_thread(store.check)

    return check


def _given(value: object) -> Provide:
    return Provide(lambda: value, sync_to_thread=False)
