"""How fast the web application is in a real browser, on a channel of many packages.

``python -m benchmarks.ui --packages 10000 --json figures.json`` from the root of the repository,
on an idle machine with Debian's ``chromium``, which is the one with windows (the tests need none).
Rows go in as ``fill.py`` puts them; a real server serves them.
Times of a page are medians of fresh browser profiles; the worst counts for tasks and shifts. Tasks
are measured in processor time of the page's main thread, so that a busy machine blames nobody.
"""

import argparse
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from benchmarks.fill import fill, settle
from benchmarks.records import SUBDIR, Listed
from graphrepo.access.viewer import Viewer
from graphrepo.clock import milliseconds, system_clock
from tests.builders import TIMESTAMP, package
from tests.processes import PASSWORD, serving
from tests.registry.world import Person, World

_CHANNEL = "lab"
_LOGIN = "bench"
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
_WORDS = (
    "arrow cloud core deep fast flow geo grid image light mesh net open point ray sense".split()
)
_PATIENCE = 180_000  # milliseconds
_QUEUE = 200  # files brought at once
_KEYS = "arrow-cl"
_SLOW = {
    "offline": False,
    "latency": 100,
    "downloadThroughput": 200_000,
    "uploadThroughput": 200_000,
}
_LISTENING = """
const seen = window.seen = { shift: 0, keys: [] };
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) seen.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
addEventListener("keydown", () => {
  const start = performance.now();
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => seen.keys.push(performance.now() - start);
    port2.postMessage(0);
  });
}, true);
const look = () => {
  if (document.querySelector("td.main a")?.checkVisibility()) seen.shown ??= performance.now();
  if (document.querySelector("footer .theme")) seen.taken ??= performance.now();
  if (!seen.taken) setTimeout(look, 10);
};
new PerformanceObserver((list) => {
  if (list.getEntriesByName("first-contentful-paint").length) look();
}).observe({ type: "paint", buffered: true });
"""
"""Notes shifts of the layout, how long each key takes until it is painted, and, from the first
paint on, which it would delay, when rows can be seen and when the script has taken over."""

_LOADED = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const files = [page, ...performance.getEntriesByType("resource")];
  return {
    requests: files.length,
    bytes: files.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
    painted: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    nodes: document.querySelectorAll("*").length,
  };
}"""
_TAKEN = "() => seen.taken"
"""Whether all that belongs to a first load is there."""

_SETTLING = 600  # milliseconds in which a new window of Chromium still prepares pages of its own


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value beside the most that it may be, if there is a goal."""

    name: str
    value: float
    most: float | None
    unit: str

    def line(self) -> str:
        """Return the figure as a row of a table, marked where it is too much."""
        mark = "" if self.most is None or self.value <= self.most else "  ← over"
        most = "" if self.most is None else f"{self.most:,.2f}"
        return f"{self.name:<52} {self.value:>9,.2f} {most:>9} {self.unit}{mark}"


def main() -> None:
    """Measure what the command line asks for, print it and keep it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ui", description=__doc__)
    parser.add_argument("--packages", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=5, help="fresh loads of each page")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="graphrepo-benchmark-"))
    try:
        filled(folder, options.packages)
        # The files have no bytes from which paths could be gathered meanwhile.
        bare = {"GRAPHREPO_STORE_PATHS": "false"}
        with serving(folder, env=bare, is_new=True) as server, sync_playwright() as driver:
            path = shutil.which("chromium")
            browser = driver.chromium.launch(executable_path=path, args=_ARGUMENTS)
            figures = list(measured(browser, server.url, options.repeats))
    finally:
        shutil.rmtree(folder)
    print(
        f"{options.packages:,} packages in one channel\n\n{'':<52} {'measured':>9} {'at most':>9}"
    )
    print("\n".join(figure.line() for figure in figures))
    if options.json:
        options.json.write_text(json.dumps([asdict(figure) for figure in figures], indent=1))


def filled(data: Path, packages: int) -> None:
    """Make a public channel with as many packages as asked for, one file each."""
    world = World(data, system_clock)
    user = world.run(world.registry.accounts.create_user(_LOGIN, PASSWORD))
    owner = Person(world, Viewer(user.id, _LOGIN))
    fill(owner, owner.create_channel(_CHANNEL), listed(packages), milliseconds(system_clock()))
    world.close()
    settle(data)


def listed(packages: int) -> Iterator[Listed]:
    """Yield files of packages with names such as people give."""
    names = ("-".join(words) for words in product(_WORDS, repeat=4))
    for name in sorted(name for name, _ in zip(names, range(packages), strict=False)):
        index = {"name": name, "version": "1.0", "build": "0", "build_number": 0, "depends": []}
        yield Listed(f"{name}-1.0-0.conda", {**index, "subdir": SUBDIR, "timestamp": TIMESTAMP})


def measured(browser: Browser, url: str, repeats: int) -> Iterator[Figure]:
    """Yield all figures with their budgets; what is compared is loaded by turns."""
    pages = {"home": "/", "channel": f"/channels/{_CHANNEL}"}
    bare: list[float] = []
    quick: dict[str, list[dict[str, Any]]] = {name: [] for name in pages}
    for _ in range(repeats):
        bare.append(painted(browser, url, "/healthz"))
        for name, path in pages.items():
            quick[name].append(loaded(browser, url, path))
    yield Figure("the word “ok”: first contentful paint", median(bare), None, "ms")
    for name, path in pages.items():
        loads = quick[name]
        yield Figure(f"{name}: first contentful paint", middle(loads, "painted"), 150, "ms")
        yield Figure(f"{name}: first rows on the screen", middle(loads, "shown"), 600, "ms")
        yield Figure(f"{name}: script has taken over", middle(loads, "taken"), None, "ms")
        yield Figure(f"{name}: first load, compressed", loads[0]["bytes"] / 1000, 45, "kB")
        yield Figure(f"{name}: first load, requests", loads[0]["requests"], 14, "")
        yield Figure(f"{name}: elements", loads[0]["nodes"], 1500, "")
        yield Figure(f"{name}: layout shift", max(load["shift"] for load in loads), 0.01, "")
        slow = [loaded(browser, url, path, slowed) for _ in range(repeats)]
        paint = middle(slow, "painted")
        yield Figure(f"{name}: first paint, 4× CPU, 1.6 Mbit/s, 100 ms", paint, 600, "ms")
        yield Figure(f"{name}: first rows there", middle(slow, "shown"), None, "ms")
        yield Figure(f"{name}: script there", middle(slow, "taken"), None, "ms")
    yield from typed(browser, url)
    with tempfile.TemporaryDirectory() as name:
        yield from queued(browser, url, Path(name))


def painted(browser: Browser, url: str, path: str) -> float:
    """Return when an address shows its first word: of a plain text, what the machine can do."""
    context, page, _ = opened(browser, url)
    page.goto(path)
    entry = "performance.getEntriesByName('first-contentful-paint')[0]"
    page.wait_for_function(f"() => {entry}")
    found = page.evaluate(f"() => {entry}.startTime")
    context.close()
    return found


def middle(loads: list[dict[str, Any]], key: str) -> float:
    """Return the median of a value."""
    return median(load[key] for load in loads)


def opened(browser: Browser, url: str) -> tuple[BrowserContext, Page, CDPSession]:
    """Open a tab of a fresh profile that notes what happens in it."""
    context = browser.new_context(base_url=url, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.add_init_script(_LISTENING)
    page.wait_for_timeout(_SETTLING)
    return context, page, context.new_cdp_session(page)


def slowed(wire: CDPSession) -> None:
    """Make the tab one of a slow machine behind a slow line."""
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", _SLOW)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": 4})


def loaded(
    browser: Browser, url: str, path: str, prepare: Callable[[CDPSession], None] | None = None
) -> dict[str, Any]:
    """Load a page as somebody who was never here, until its rows are shown."""
    context, page, wire = opened(browser, url)
    if prepare:
        prepare(wire)
    page.goto(path)
    page.wait_for_function(_TAKEN, timeout=_PATIENCE)
    found = {**page.evaluate(_LOADED), **page.evaluate("() => seen")}
    context.close()
    return found


def typed(browser: Browser, url: str) -> Iterator[Figure]:
    """Yield what a search costs that is typed key by key, results included."""
    context, page, wire = opened(browser, url)
    page.goto("/")
    page.wait_for_function(_TAKEN, timeout=_PATIENCE)
    tasks = Tasks(browser, page)
    for place in range(1, len(_KEYS) + 1):
        page.keyboard.press(_KEYS[place - 1])
        page.wait_for_function(
            """(text) => new URL(location.href).searchParams.get("q") === text
                && !document.querySelector("[aria-busy=true]")""",
            arg=_KEYS[:place],
            timeout=_PATIENCE,
        )
    longest = tasks.longest()
    first, *later = page.evaluate("() => seen.keys")
    yield Figure("search: first key to paint", first, 50, "ms")
    yield Figure("search: later keys to paint, median", median(later), None, "ms")
    yield Figure("search: later keys to paint, worst", max(later), 50, "ms")
    yield Figure("search: longest task after boot", longest, 50, "ms CPU")
    yield Figure("search: heap after all of it", heap(wire), 8, "MB")
    context.close()


def queued(browser: Browser, url: str, folder: Path) -> Iterator[Figure]:
    """Yield what it costs the page that many files are brought at once and all are sent."""
    context, page, wire = opened(browser, url)
    credentials = {"login": _LOGIN, "password": PASSWORD}
    context.request.post("/api/auth/login", data=credentials, fail_on_status_code=True)
    page.goto(f"/channels/{_CHANNEL}/upload")
    page.get_by_role("button", name="Choose files").wait_for(timeout=_PATIENCE)
    made = [package(f"queued-{number:03}") for number in range(_QUEUE)]
    for one in made:
        (folder / one.filename).write_bytes(one.data)
    tasks = Tasks(browser, page)
    files = page.get_by_label("Files").and_(page.locator("input"))
    files.set_input_files([folder / one.filename for one in made])
    page.get_by_role("heading", name=f"{_QUEUE} in the channel").wait_for(timeout=_PATIENCE)
    yield Figure(f"{_QUEUE} uploads: longest task", tasks.longest(), 50, "ms CPU")
    yield Figure(f"{_QUEUE} uploads: heap at the end", heap(wire), 8, "MB")
    context.close()


class Tasks:
    """The tasks of a page's main thread from now on."""

    def __init__(self, browser: Browser, page: Page) -> None:
        """Begin to note them."""
        self._browser = browser
        browser.start_tracing(page=page, categories=["devtools.timeline", "toplevel"])

    def longest(self) -> float:
        """Return the milliseconds of processor time of the longest one until now."""
        events = json.loads(self._browser.stop_tracing())["traceEvents"]
        threads = Counter(
            (event["pid"], event["tid"]) for event in events if event["name"] == "FunctionCall"
        )
        [(busiest, _)] = threads.most_common(1)
        times = (
            event.get("tdur", 0)
            for event in events
            if (event["pid"], event["tid"]) == busiest and event["name"].endswith("RunTask")
        )
        return max(times) / 1000


def heap(wire: CDPSession) -> float:
    """Return the megabytes in use after a collection."""
    wire.send("HeapProfiler.collectGarbage")
    wire.send("Performance.enable")
    told = {
        metric["name"]: metric["value"] for metric in wire.send("Performance.getMetrics")["metrics"]
    }
    return told["JSHeapUsedSize"] / 1e6


if __name__ == "__main__":
    main()
