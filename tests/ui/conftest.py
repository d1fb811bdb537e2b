"""A real server with real packages, and tabs of a real browser that must keep quiet."""

import itertools
import shutil
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import pytest

from tests.builders import Built, package
from tests.processes import PASSWORD
from tests.server import ADMINISTRATOR, Client, Server, running
from tests.waiting import PATIENCE

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import (  # noqa: E402
    Browser,
    BrowserContext,
    Page,
    expect,
    sync_playwright,
)

# The same browser without windows, where it is there: those cost a quarter of a test's time.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--process-per-site",
)
PLATFORMS = ("linux-64", "linux-aarch64", "osx-64", "osx-arm64", "win-64")
_numbers = itertools.count()
SUMMARY = "Labelled arrays with <b>lazy</b> evaluation & more"
ABOUT = {
    "summary": SUMMARY,
    "description": "Arrays with names on their axes.\nThey stay where they are until used.",
    "home": "https://arrow.example/",
    "dev_url": "javascript:alert(1)",
    "license": "Apache-2.0",
    "extra": {"recipe-maintainers": ["olga", "carl"]},
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
class Profiles:
    """A browser profile for each person, signed in once: what one has loaded stays in its cache."""

    browser: Browser
    site: Site
    known: dict[str, BrowserContext] = field(default_factory=dict[str, BrowserContext])

    def of(self, login: str) -> BrowserContext:
        """Return the profile that this person shares among the tests."""
        if login not in self.known:
            self.known[login] = self.fresh(login)
            # As long as one tab is there, the next ones start in its process.
            self.known[login].new_page().goto("/healthz")
        return self.known[login]

    def fresh(self, login: str = "") -> BrowserContext:
        """Return a profile that nobody has used, signed in if there is a login."""
        context = self.browser.new_context(
            base_url=self.site.url,
            viewport={"width": 1280, "height": 800},
            color_scheme="light",
        )
        if login:
            credentials = {"login": login, "password": PASSWORD}
            assert context.request.post("/api/auth/login", data=credentials).ok
        return context


@dataclass(frozen=True)
class Tabs:
    """Opens tabs on the site; ``watch`` looks after all of them."""

    profiles: Profiles
    watch: Watch = field(default_factory=Watch)
    pages: list[Page] = field(default_factory=list[Page])
    own: list[BrowserContext] = field(default_factory=list[BrowserContext])

    def open(self, path: str, *, login: str = "", is_fresh: bool = False) -> Page:
        """Open an address as somebody, or as nobody.

        A tab that changes what outlives it (the session, permissions, the network, what the
        browser keeps) asks for a profile of its own.
        """
        context = self.profiles.fresh(login) if is_fresh else self.profiles.of(login)
        page = context.new_page()
        self.pages.append(page)
        if is_fresh:
            self.own.append(context)
        self.watch.follow(page)
        page.goto(path)
        return page

    def close(self) -> None:
        """Close what was opened."""
        for opened in (*self.pages, *self.own):
            opened.close()


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
    owner.publish(site.open, package("zlib", "1.3.1"), package("zlib-ng", "2.2", depends=["zlib"]))
    with ThreadPoolExecutor(4) as several:
        tools = (package(f"tool-{number:02}") for number in range(65))
        list(several.map(partial(owner.publish, site.long), tools))
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


@pytest.fixture
def person(site: Site) -> str:
    """Make an account of its own for a test that changes it, and return the login."""
    login = f"person-{next(_numbers)}"
    create = "mutation($l: String!, $p: String!) {createUser(login: $l, password: $p) {login}}"
    with site.server.client(ADMINISTRATOR) as root:
        root.ask(create, l=login, p=PASSWORD)
    return login


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def profiles(browser: Browser, site: Site) -> Profiles:
    return Profiles(browser, site)


@pytest.fixture
def tabs(profiles: Profiles, site: Site) -> Iterator[Tabs]:
    """Open tabs whose console must stay silent, and which must not leave the site."""
    tabs = Tabs(profiles)
    yield tabs
    tabs.close()
    assert tabs.watch.faults() == []
    away = [url for url in tabs.watch.requested if not url.startswith((site.url, "data:"))]
    assert away == []


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(tabs: Tabs) -> OpenPage:
    """Return what opens an address: ``open_page(path, login="olga")``."""
    return tabs.open
