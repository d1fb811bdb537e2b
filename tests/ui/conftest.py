"""A real server with real packages, and tabs of a real browser that must keep quiet."""

import shutil
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field

import pytest

from tests.builders import Built, package
from tests.processes import PASSWORD, made
from tests.server import Client, Server, running

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright  # noqa: E402

CHROMIUM = shutil.which("chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PLATFORMS = ("linux-64", "linux-aarch64", "osx-64", "osx-arm64", "win-64")
ABOUT = {
    "summary": "Labelled arrays with <b>lazy</b> evaluation & more",
    "description": "Arrays with names on their axes.\nThey stay where they are until used.",
    "home": "https://arrow.example/",
    "dev_url": "javascript:alert(1)",
    "license": "Apache-2.0",
}


@dataclass(frozen=True)
class Site:
    """A server that olga has filled: ``open`` is a public channel, ``closed`` a private one.

    ``long`` has more packages than fit on a page.
    """

    server: Server
    owner: Client
    open: str
    closed: str
    empty: str
    long: str

    @property
    def url(self) -> str:
        """The address without a slash at its end."""
        return self.server.url

    def package(self, name: str = "arrow", channel: str = "") -> str:
        """Return the path of a package's page."""
        return f"/channels/{channel or self.open}/packages/{name}"


@dataclass
class Watch:
    """What a browser's pages said and asked for, and what of it is no fault in this test."""

    complaints: list[str] = field(default_factory=list[str])
    requested: list[str] = field(default_factory=list[str])
    forgiven: tuple[str, ...] = ("the server responded with a status of 401",)

    def follow(self, page: Page) -> None:
        """Note whatever the page says from now on."""
        page.on("console", lambda said: self.complaints.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", lambda request: self.requested.append(request.url))

    def faults(self) -> list[str]:
        """Return what a quiet page would not have said; a refused policy is an error too."""
        return [
            said
            for said in self.complaints
            if said.startswith(("error", "warning"))
            and not any(words in said for words in self.forgiven)
        ]


@dataclass(frozen=True)
class Tabs:
    """Opens tabs on the site; ``watch`` looks after all of them."""

    browser: Browser
    site: Site
    watch: Watch
    contexts: list[BrowserContext]

    def open(self, path: str, *, login: str = "", width: int = 1280, scheme: str = "light") -> Page:
        """Open an address as somebody, or as nobody, and return the tab once it is rendered."""
        context = self.browser.new_context(
            base_url=self.site.url,
            viewport={"width": width, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        self.contexts.append(context)
        if login:
            credentials = {"login": login, "password": PASSWORD}
            assert context.request.post("/api/auth/login", data=credentials).ok
        page = context.new_page()
        self.watch.follow(page)
        page.goto(path)
        return page


def grid_of(name: str, version: str) -> Iterator[Built]:
    """Build a release for five platforms and three Pythons; one build is missing, one twofold."""
    for place, platform in enumerate(PLATFORMS):
        for python in ("311", "312", "313"):
            if (platform, python) == ("win-64", "311"):
                continue
            numbers = (0, 1) if (platform, python) == ("linux-64", "312") else (place % 3,)
            for number in numbers:
                yield package(
                    name,
                    version,
                    subdir=platform,
                    build=f"py{python}h{place}a{python}ff_{number}",
                    depends=[f"python 3.{python[1:]}.*", "zlib >=1.2,<2"],
                    constrains=["feather <3"],
                    run_exports={"weak": [f"{name} >={version}"]},
                    about=ABOUT,
                )


def filled(server: Server, owner: Client) -> Site:
    """Publish what the pages show."""
    site = Site(
        server,
        owner,
        owner.create_channel(),
        owner.create_channel(is_public=False),
        owner.create_channel(),
        owner.create_channel(),
    )
    owner.publish(site.open, *grid_of("arrow", "2.0.0"))
    for version in ("1.9.0", "2.1.0rc1"):
        owner.publish(site.open, package("arrow", version, subdir="linux-64", about=ABOUT))
    owner.publish(site.open, package("zlib", "1.3.1"), package("zlib-ng", "2.2"))
    owner.publish(site.long, *(package(f"tool-{number:02}") for number in range(65)))
    owner.publish(site.closed, package("secret", "1!1.0+local"))
    return site


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Generator[Site]:
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with (
        running(tmp_path_factory.mktemp("ui") / "data") as server,
        server.client("olga") as owner,
    ):
        yield filled(server, owner)


@pytest.fixture(scope="session")
def administrator(site: Site) -> str:
    """Give the server an administrator and return the login."""
    options = ("--admin", "--password-stdin", "--data", site.server.data)
    made("user", "create", "ada", *options, typed=f"{PASSWORD}\n")
    return "ada"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def tabs(browser: Browser, site: Site) -> Iterator[Tabs]:
    """Open tabs whose console must stay silent, and which must not leave the site."""
    tabs = Tabs(browser, site, Watch(), [])
    yield tabs
    for context in tabs.contexts:
        context.close()
    assert tabs.watch.faults() == []
    away = [url for url in tabs.watch.requested if not url.startswith((site.url, "data:"))]
    assert away == []


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(tabs: Tabs) -> OpenPage:
    """Return what opens an address: ``open_page(path, login="olga", width=320)``."""
    return tabs.open
