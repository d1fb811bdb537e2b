"""py-rattler follows a channel through every form of its index, with cold and warm caches."""

import json
import re
import shutil
import subprocess
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from graphrepo.registry.requests import ChannelChange
from tests.builders import package
from tests.clients.conftest import Home
from tests.server import Client
from tests.site import Site
from tests.waiting import PATIENCE, until
from tests.web.reading import SHARD_INDEX, operating, unyank, yank

INDEXES = {"as it likes": SHARD_INDEX, "zst": "repodata.json.zst", "json": "repodata.json"}
"""The document that a form reads; py-rattler likes shards."""

TOOL = package("tool", subdir="linux-64", depends=["lib"])
NEWER = package("tool", "2.0", subdir="linux-64", depends=["lib"])
LIB = package("lib")
REBUILT = package("lib", files={"share/lib/about.txt": b"rebuilt\n"})
START = sorted((TOOL.filename, LIB.filename))
LATER = sorted((NEWER.filename, LIB.filename))


@dataclass(frozen=True)
class Seen:
    """What an installation brought, and the requests that it took, by path in the channel."""

    files: list[str]
    lib: str
    asked: dict[str, list[tuple[str, int]]]

    @property
    def shards(self) -> int:
        """How many shards were asked for."""
        return sum(len(asked) for path, asked in self.asked.items() if "/shards/" in path)


@dataclass(frozen=True)
class Follower:
    """Somebody with caches of their own, who installs again and again into a new place."""

    site: Site
    home: Home
    channel: str
    form: str

    def attempt(self, prefix: Path) -> subprocess.CompletedProcess[str]:
        wish = {
            "channels": [f"{self.site.url}/{self.channel}"],
            "specs": ["tool"],
            "prefix": str(prefix),
            "cache": str(self.home.path / "cache"),
            "form": self.form,
            "platform": "linux-64",
        }
        return self.home.run("rattler_install.py", wish)

    def install(self) -> Seen:
        """Install, which must succeed, into a place of its own."""
        already = self._requests()
        prefix = self.home.path / f"env{len(list(self.home.path.glob('env*')))}"
        done = self.attempt(prefix)
        assert done.returncode == 0, done.stderr
        asked: dict[str, list[tuple[str, int]]] = {}
        for method, path, status in self._requests()[len(already) :]:
            asked.setdefault(path, []).append((method, int(status)))
        about = (prefix / "share" / "lib" / "about.txt").read_text()
        return Seen(json.loads(done.stdout), about, asked)

    def _requests(self) -> list[tuple[str, str, str]]:
        """Return method, path and status of all requests to the channel so far."""
        log = self.site.data.parent / f"{self.site.data.name}.log"
        last = httpx.get(f"{self.site.url}/nowhere", timeout=PATIENCE).headers["x-request-id"]
        until(lambda: last in log.read_text())
        line = rf"graphrepo\.request: (GET|HEAD) /{self.channel}/(\S+) (\d+) "
        return re.findall(line, log.read_text())


@pytest.fixture(scope="module")
def owner(site: Site) -> Generator[Client]:
    with httpx.Client(base_url=site.url, trust_env=False, timeout=PATIENCE) as http:
        yield Client(http, "olga", site.token)


def create_channel(owner: Client, name: str, *, is_public: bool) -> str:
    mutation = "mutation($n: String!, $p: Boolean) {createChannel(name: $n, isPublic: $p) {name}}"
    return owner.ask(mutation, n=name, p=is_public)["createChannel"]["name"]


@pytest.mark.parametrize("form", INDEXES)
@pytest.mark.parametrize("is_public", [True, False], ids=["public", "private"])
def test_every_change_is_installed_at_once_whatever_is_cached(
    site: Site, owner: Client, home: Home, form: str, *, is_public: bool
) -> None:
    name = f"follow-{form.partition(' ')[0]}-{is_public}".lower()
    channel = create_channel(owner, name, is_public=is_public)
    if not is_public:
        home.know({"127.0.0.1": {"BearerToken": site.token}})
    follower = Follower(site, home, channel, form)
    owner.publish(channel, TOOL, LIB)

    cold = follower.install()
    assert cold.files == START
    check_index(cold, form, 200)
    warm = follower.install()
    assert warm.files == START
    check_index(warm, form, 304)
    assert warm.shards == 0

    owner.publish(channel, NEWER)
    uploaded = follower.install()
    assert (uploaded.files, uploaded.lib) == (LATER, "lib 1.0\n")
    assert uploaded.shards == (form == "as it likes")  # that of the tool, and no other

    owner.upload(channel, REBUILT, params={"force": "true"}).raise_for_status()
    replaced = follower.install()
    assert (replaced.files, replaced.lib) == (LATER, "rebuilt\n")

    file = f"linux-64/{NEWER.filename}"
    with operating(site.data) as operator:
        yank(operator, channel, file)
        assert follower.install().files == START
        unyank(operator, channel, file)
        assert follower.install().files == LATER
    owner.request("DELETE", f"/api/v1/delete/{channel}/{file}").raise_for_status()
    assert follower.install().files == START


def check_index(seen: Seen, form: str, status: int) -> None:
    """See that the form's own document was read, of both subdirs, and that no other was."""
    documents = {
        path.rpartition("/")[2]: set(asked)
        for path, asked in seen.asked.items()
        if "repodata" in path and ("GET" in {method for method, _ in asked})
    }
    assert documents.keys() == {INDEXES[form]}
    for subdir in ("linux-64", "noarch"):
        assert ("GET", status) in seen.asked[f"{subdir}/{INDEXES[form]}"]


def test_a_cached_index_leads_to_the_shards_that_it_names(
    site: Site, owner: Client, home: Home
) -> None:
    """The owner lets metadata be cached, so a client may live with superseded shards."""
    channel = create_channel(owner, "patient", is_public=True)
    with operating(site.data) as operator:
        update = operator.world.registry.channels.update
        operator.world.run(update(operator.viewer, channel, ChannelChange(max_age=600)))
    owner.publish(channel, TOOL, LIB)
    follower = Follower(site, home, channel, "as it likes")
    assert follower.install().files == START
    owner.publish(channel, NEWER)
    owner.get(f"/{channel}/linux-64/{SHARD_INDEX}").raise_for_status()  # which supersedes
    shutil.rmtree(home.path / "cache" / "repodata" / "shards-v1")
    patient = follower.install()
    assert patient.files == START
    assert (patient.shards, len([path for path in patient.asked if "repodata" in path])) == (2, 0)


@pytest.mark.parametrize("form", INDEXES)
def test_a_channel_is_not_forgotten_by_who_was_refused_before(
    site: Site, owner: Client, home: Home, form: str
) -> None:
    """What a client remembers of a refusal must not outlive it."""
    channel = create_channel(owner, f"later-{form.partition(' ')[0]}", is_public=False)
    owner.publish(channel, TOOL, LIB)
    follower = Follower(site, home, channel, form)
    for _time in range(2):
        assert "401" in follower.attempt(home.path / "refused").stderr
    home.know({"127.0.0.1": {"BearerToken": site.token}})
    seen = follower.install()
    assert seen.files == START
    check_index(seen, form, 200)


def test_an_empty_channel_fills_up_before_the_eyes_of_its_clients(
    site: Site, owner: Client, home: Home
) -> None:
    channel = create_channel(owner, "filling", is_public=True)
    follower = Follower(site, home, channel, "as it likes")
    assert "No candidates were found" in follower.attempt(home.path / "none").stderr
    owner.publish(channel, TOOL)
    assert (
        "lib *, for which no candidates were found" in follower.attempt(home.path / "half").stderr
    )
    owner.publish(channel, LIB)
    assert follower.install().files == START
