"""Who asks by GET what they know already is told so, and only then."""

import httpx
import pytest

from tests.builders import package
from tests.graphql.asking import Api
from tests.registry.world import Person

SEEN = '{ channel(name: "lab") { revision viewerRole } }'
KEPT = "private, no-cache"


def get(api: Api, person: Person, held: str = "", query: str = SEEN) -> httpx.Response:
    return api.send(person, "GET", params={"query": query}, headers={"If-None-Match": held})


def test_who_has_the_answer_is_told_so(api: Api, owner: Person) -> None:
    first = get(api, owner)
    tag = first.headers["etag"]
    assert (first.status_code, first.headers["cache-control"]) == (200, KEPT)
    for held in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = get(api, owner, held)
        assert (again.status_code, again.content) == (304, b"")
        assert (again.headers["etag"], again.headers["cache-control"]) == (tag, KEPT)
    assert get(api, owner, '"other"').status_code == 200


def test_another_answer_has_another_tag(api: Api, owner: Person, stranger: Person) -> None:
    tag = get(api, owner).headers["etag"]
    theirs = get(api, stranger, tag)
    assert (theirs.status_code, theirs.json()["data"]["channel"]["viewerRole"]) == (200, None)
    owner.publish("lab", package("news"))
    changed = get(api, owner, tag)
    assert (changed.status_code, changed.json()["data"]["channel"]["revision"]) == (200, 1)


@pytest.mark.parametrize("query", ["{ nothing }", "mutation { endOtherSessions }"])
def test_what_failed_may_not_be_kept(api: Api, owner: Person, query: str) -> None:
    answer = get(api, owner, "*", query)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert "etag" not in answer.headers


def test_what_was_posted_may_not_be_kept(api: Api, owner: Person) -> None:
    answer = api.send(owner, "POST", json={"query": SEEN}, headers={"If-None-Match": "*"})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert "etag" not in answer.headers
