"""How long GraphQL takes on a server of many channels: one worker, asked over HTTP.

``python -m benchmarks.graphql --json graphql.json`` from the root of the repository. README.md
says what is measured and how.
"""

import argparse
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from time import perf_counter
from typing import Any, Final
from urllib.parse import urlsplit

import psutil
from graphql import GraphQLObjectType, is_leaf_type

from benchmarks.catalog import BIG, Sizes, add_names, begin, channel_name
from benchmarks.measure import Series, alone, series
from benchmarks.records import SOURCE
from benchmarks.report import Figure, figures_table
from graphrepo.access.viewer import Viewer
from graphrepo.clock import system_clock
from graphrepo.graphql.schema import build_schema, core
from tests.graphql.asking import Api
from tests.graphql.test_statements import statements
from tests.processes import serving
from tests.registry.world import Person, World

_WARM: Final = 8  # requests before those that count
_TEXTS: Final = ("numpy", "python", "lib", "py", "nmupy", "pyhton", "scikitlearn", "r", "zlib-ng")

Variables = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Question:
    """A query, the variables to ask it with in turn, and the goal in seconds."""

    title: str
    goal: float
    query: str
    variables: tuple[Variables, ...] = ({},)


def questions(channels: int) -> list[Question]:
    """Return what is asked of an installation."""
    of_channels = tuple({"c": channel_name(number)} for number in range(0, channels, 7))
    return [
        Question("viewer", 3e-3, "{ viewer { login } }"),
        Question(
            "packages of a channel, 50",
            25e-3,
            """query($c: String!) { channel(name: $c) { packages(limit: 50) { page {
                name latestVersion { version platforms } totalCount } } } }""",
            of_channels,
        ),
        Question(
            "variants of a package, 500",
            60e-3,
            f"""{{ package(channelName: "{channel_name(0)}", name: "{BIG}") {{
                variants(limit: 500) {{ page {{ {_scalars("PackageVariant")} }} }} }} }}""",
        ),
        search("search by similarity"),
    ]


def search(title: str) -> Question:
    """Return a search for packages by how alike their names are to a text."""
    query = """query($t: String!) { packages(limit: 50, orderBy:
        {bySimilarity: {field: NAME, matches: $t}}) { totalCount page {
        name summary similarityScore channel { name } } } }"""
    return Question(title, 30e-3, query, tuple({"t": text} for text in _TEXTS))


def main() -> None:
    """Measure what the command line asks for, print a table, write JSON."""
    options = _options()
    sizes = Sizes(options.channels, options.packages, options.variants)
    folder = Path(tempfile.mkdtemp(prefix="graphrepo-benchmark-", dir=options.dir))
    try:
        data = folder / "data"
        data.mkdir()
        token = alone(begin, data, options.source, sizes)
        print(f"{sizes}: filled.", flush=True)
        found = figures(data, token, questions(sizes.channels), options.repeats)
        if options.names:
            alone(add_names, data, options.source, options.names)
            more = [search(f"the same, {options.names:,} names")]
            found += figures(data, token, more, options.repeats)
    finally:
        shutil.rmtree(folder)
    print(figures_table(found))
    if options.json:
        written = {"sizes": asdict(sizes), "figures": [asdict(each) for each in found]}
        options.json.write_text(json.dumps(written, indent=2) + "\n")


def figures(data: Path, token: str, asked: list[Question], repeats: int) -> list[Figure]:
    """Ask a real server each question in turn, and count the statements in another process."""
    counts = alone(
        counted, data, [each.query for each in asked], [each.variables[0] for each in asked]
    )
    found: list[Figure] = []
    with serving(data, "--workers", "1", is_new=True) as server:
        client = Client(server.url, token, psutil.Process(server.process.pid))
        for question, count in zip(asked, counts, strict=True):
            wall, cpu = client.measure(question, repeats)
            found.append(Figure(question.title, question.goal, wall, cpu, count))
        client.close()
    return found


def counted(data: Path, queries: list[str], variables: list[Variables]) -> list[int]:
    """Return how many statements each query needs."""
    world = World(data, system_clock)
    api, owner = Api(world), Person(world, Viewer(1, "bench"))
    try:
        return [
            statements(api, owner, query, **given)
            for query, given in zip(queries, variables, strict=True)
        ]
    finally:
        world.close()


class Client:
    """Somebody with a key and one connection, who looks at the server's processor time too."""

    def __init__(self, url: str, token: str, process: psutil.Process) -> None:
        """Connect at the first request."""
        self._connection = HTTPConnection(urlsplit(url).netloc)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._process = process

    def measure(self, question: Question, repeats: int) -> tuple[Series, float]:
        """Return the time on the wall and the mean processor time, in seconds a request."""
        bodies = cycle(
            json.dumps({"query": question.query, "variables": given}).encode()
            for given in question.variables
        )
        for _ in range(_WARM):
            self._ask(next(bodies))
        before = self._cpu()
        taken = [_timed(partial(self._ask, next(bodies))) for _ in range(repeats)]
        return series(taken), (self._cpu() - before) / repeats

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _ask(self, body: bytes) -> None:
        self._connection.request("POST", "/api/graphql", body, self._headers)
        answer: dict[str, Any] = json.loads(self._connection.getresponse().read())
        if "errors" in answer or None in answer["data"].values():
            raise RuntimeError(f"The answer is no answer: {answer}")

    def _cpu(self) -> float:
        every = [self._process, *self._process.children(recursive=True)]
        times = [process.cpu_times() for process in every]
        return sum(each.user + each.system for each in times)


def _timed(work: Callable[[], None]) -> float:
    begun = perf_counter()
    work()
    return perf_counter() - begun


def _scalars(name: str) -> str:
    schema = core(build_schema())
    kind = schema.type_map[name]
    if not isinstance(kind, GraphQLObjectType):
        raise TypeError(name)
    texts = {field: str(each.type).strip("!") for field, each in kind.fields.items()}
    return " ".join(
        field for field, text in texts.items() if is_leaf_type(schema.type_map.get(text))
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.graphql", description=__doc__)
    add = parser.add_argument
    add("--channels", type=int, default=300)
    add("--packages", type=int, default=20_000)
    add("--variants", type=int, default=200_000)
    add("--names", type=int, default=100_000, help="distinct names for a second search; 0: none")
    add("--repeats", type=int, default=45, help="requests that count, for each query")
    add("--source", type=Path, default=SOURCE, help="a repodata.json.zst of real records")
    add("--dir", type=Path, help="where to work; on the disk that is to be measured")
    add("--json", type=Path, help="write all figures here")
    return parser.parse_args()


if __name__ == "__main__":
    main()
