"""What is withdrawn is gone over HTTP, for those who could have had it, and does not come back."""

from collections.abc import Generator

import pytest

from graphrepo.registry.quarantine_views import (
    ChannelFile,
    NewQuarantine,
    QuarantineAction,
    Selection,
)
from tests.builders import package
from tests.registry.world import Person
from tests.server import Client, Server
from tests.web.reading import operating

TOOL = package("tool", "7.0")
PATH = f"noarch/{TOOL.filename}"


@pytest.fixture
def operator(server: Server) -> Generator[Person]:
    with operating(server.data) as operator:
        yield operator


def withdraw(operator: Person, channel: str) -> int:
    quarantines = operator.world.registry.quarantines
    file = ChannelFile(channel, "noarch", TOOL.filename)
    new = NewQuarantine(QuarantineAction.DELETE, "malware", Selection((file,)))
    quarantine, _ = operator.world.run(quarantines.apply(operator.viewer, new))
    return quarantine.id


def release(operator: Person, quarantine_id: int) -> None:
    quarantines = operator.world.registry.quarantines
    operator.world.run(quarantines.revoke(operator.viewer, quarantine_id))


def test_a_withdrawn_file_is_gone_until_it_is_released(
    owner: Client, nobody: Client, operator: Person
) -> None:
    channel = owner.create_channel()
    owner.publish(channel, TOOL)
    before = nobody.get(f"/{channel}/noarch/repodata.json")
    quarantine = withdraw(operator, channel)
    for method in ("GET", "HEAD"):
        gone = nobody.request(method, f"/{channel}/{PATH}", headers={"Range": "bytes=0-1"})
        assert (gone.status_code, gone.headers["x-graphrepo-error"]) == (410, "gone")
        assert gone.headers["cache-control"] == "no-store"
    assert TOOL.filename not in nobody.get(f"/{channel}/noarch/repodata.json").text
    refused = owner.upload(channel, TOOL)
    assert (refused.status_code, refused.headers["x-graphrepo-error"]) == (403, "quarantined")
    deleted = owner.request("DELETE", f"/api/v1/delete/{channel}/{PATH}")
    assert deleted.status_code == 404
    release(operator, quarantine)
    assert nobody.get(f"/{channel}/{PATH}").content == TOOL.data
    after = nobody.get(f"/{channel}/noarch/repodata.json")
    assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])
    assert owner.upload(channel, TOOL).status_code == 200


def test_strangers_do_not_learn_what_was_in_a_private_channel(
    owner: Client, member: Client, stranger: Client, nobody: Client, operator: Person
) -> None:
    channel = owner.create_channel(is_public=False)
    owner.publish(channel, TOOL)
    quarantine = withdraw(operator, channel)
    statuses = [
        client.get(f"/{channel}/{PATH}").status_code for client in (nobody, stranger, member)
    ]
    assert statuses == [401, 403, 410]
    release(operator, quarantine)
