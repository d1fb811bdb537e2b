"""Jobs that a channel trusts get tokens: for uploads there, for a quarter of an hour, once."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from graphrepo.access.publishers import (
    GithubPublisher,
    GitlabPublisher,
    GooglePublisher,
    ProvenIdentity,
    Provider,
    Publisher,
)
from graphrepo.access.viewer import Viewer
from graphrepo.errors import (
    ForbiddenError,
    IdentityTokenRejectedError,
    UntrustedPublisherError,
)
from graphrepo.model.database import rows
from tests.builders import package
from tests.clocks import HandClock
from tests.registry.world import Person, World

WORKFLOW = GithubPublisher("octo", "repo", "release.yml")
JOB: Mapping[str, object] = {
    "repository_owner": "octo",
    "repository": "octo/repo",
    "job_workflow_ref": "octo/repo/.github/workflows/release.yml@refs/heads/main",
    "environment": "prod",
    "ref": "refs/heads/main",
}


def trust(owner: Person, publisher: Publisher = WORKFLOW, channel: str = "lab") -> int:
    publishers = owner.world.registry.publishers
    return owner.world.run(publishers.add(owner.viewer, channel, publisher)).id


def mint(
    world: World,
    claims: Mapping[str, object] = JOB,
    *,
    number: int = 1,
    provider: Provider = Provider.GITHUB,
) -> str:
    ends = world.clock() + timedelta(minutes=5)
    proven = ProvenIdentity(provider, claims, number.to_bytes(32), ends)
    return world.run(world.registry.minting.mint(proven))


def bearer(world: World, token: str) -> Viewer:
    return world.run(world.registry.accounts.viewer_of_token(token))


def test_a_trusted_job_uploads_and_does_nothing_else(world: World, owner: Person) -> None:
    owner.create_channel("den", is_public=False)
    owner.create_channel("other")
    trust(owner)
    trust(owner, channel="den")
    job = Person(world, bearer(world, mint(world)))
    assert job.viewer.publishes_to == {"lab", "den"}
    assert job.login == "github octo/repo"
    for channel in ("lab", "den"):
        published = job.publish(channel, package("zlib"))
        assert published.created
        assert published.artifact.uploader_id is None
    world.run(world.registry.publisher.authorise_anywhere(job.viewer))
    with pytest.raises(ForbiddenError):
        job.publish("other", package("zlib"))
    with pytest.raises(ForbiddenError):
        job.publish("lab", package("zlib", about={"summary": "other bytes"}), force=True)
    with pytest.raises(ForbiddenError):
        job.delete("lab", "noarch/zlib-1.0-0.conda")
    with pytest.raises(ForbiddenError):
        job.find("den", "noarch", "repodata.json")
    with pytest.raises(ForbiddenError):
        job.create_channel("mine")


def test_a_token_ends_after_a_quarter_of_an_hour(
    world: World, owner: Person, clock: HandClock
) -> None:
    trust(owner)
    token = mint(world)
    clock.advance(timedelta(minutes=14, seconds=59))
    assert not bearer(world, token).is_anonymous
    clock.advance(timedelta(seconds=1))
    assert bearer(world, token).is_anonymous


def test_a_token_ends_with_the_trust(world: World, owner: Person) -> None:
    owner.create_channel("den")
    first, _second = trust(owner), trust(owner, channel="den")
    token = mint(world)
    viewer = bearer(world, token)
    world.run(world.registry.publishers.delete(owner.viewer, "lab", first))
    assert bearer(world, token).publishes_to == {"den"}
    assert world.run(world.registry.accounts.viewer_by_now(viewer)).publishes_to == {"den"}
    world.run(world.registry.channels.delete(owner.viewer, "den"))
    assert bearer(world, token).is_anonymous


def test_an_identity_is_taken_once(world: World, owner: Person, clock: HandClock) -> None:
    trust(owner)
    mint(world)
    with pytest.raises(IdentityTokenRejectedError, match="used before"):
        mint(world)
    mint(world, number=2)
    # Outdated ones are forgotten: their own time tells that they are no good.
    clock.advance(timedelta(minutes=6))
    mint(world)


@pytest.mark.parametrize(
    ("publisher", "trusted"),
    [
        (WORKFLOW, True),
        (GithubPublisher("octo", "repo", "release.yml", "prod", "refs/heads/main"), True),
        (GithubPublisher("octo", "repo", "release.yml", environment="stage"), False),
        (GithubPublisher("octo", "repo", "release.yml", ref="refs/heads/dev"), False),
        (GithubPublisher("octo", "repo", "other.yml"), False),
        (GithubPublisher("octo", "rep", "release.yml"), False),
        (GithubPublisher("oct", "repo", "release.yml"), False),
        (GitlabPublisher("octo", "repo"), False),
    ],
)
def test_a_job_is_trusted_if_all_claims_hold(
    world: World, owner: Person, publisher: Publisher, *, trusted: bool
) -> None:
    trust(owner, publisher)
    if trusted:
        mint(world)
    else:
        with pytest.raises(UntrustedPublisherError):
            mint(world)


def test_a_claim_that_is_missing_or_of_another_type_does_not_hold(
    world: World, owner: Person
) -> None:
    trust(owner, GooglePublisher("robot@example.org"))
    google = {"email": "robot@example.org", "email_verified": True}
    for wrong in ({}, {"email_verified": "true"}, {"email_verified": 1}, {"email": ["x"]}):
        with pytest.raises(UntrustedPublisherError):
            mint(world, {**google, **wrong} if wrong else {}, provider=Provider.GOOGLE)
    token = mint(world, google, provider=Provider.GOOGLE)
    assert bearer(world, token).login == "google robot@example.org"


def test_the_audit_log_tells_of_each_channel(world: World, owner: Person) -> None:
    owner.create_channel("den")
    trust(owner)
    trust(owner, channel="den")
    mint(world)
    sql = "SELECT channel, actor FROM event WHERE action = 'mint_token' ORDER BY id"
    told = world.run(world.database.read(rows, sql))
    assert told == [("lab", "github octo/repo"), ("den", "github octo/repo")]
