"""Channels trust publishers, and tell those who manage them which."""

import pytest

from graphrepo.access.policy import Role
from graphrepo.access.publishers import GithubPublisher, GooglePublisher, Publisher
from graphrepo.access.viewer import AccessMode
from graphrepo.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotAuthenticatedError,
    NotFoundError,
)
from graphrepo.registry.publishers import MAX_PUBLISHERS, PublisherView
from tests.registry.world import Person, World

WORKFLOW = GithubPublisher("octo", "repo", "release.yml")


def add(person: Person, publisher: Publisher = WORKFLOW, channel: str = "lab") -> PublisherView:
    publishers = person.world.registry.publishers
    return person.world.run(publishers.add(person.viewer, channel, publisher))


def delete(person: Person, publisher_id: int, channel: str = "lab") -> None:
    publishers = person.world.registry.publishers
    person.world.run(publishers.delete(person.viewer, channel, publisher_id))


def shown(person: Person) -> dict[int, tuple[PublisherView, ...]]:
    publishers = person.world.registry.publishers
    return person.world.run(publishers.by_channel(person.viewer, [1, 2]))


def test_publishers_are_added_listed_and_deleted(owner: Person) -> None:
    first, second = add(owner), add(owner, GooglePublisher("robot@example.org"))
    assert shown(owner) == {1: (first, second)}
    assert (first.identity["workflow"], first.created_by) == ("release.yml", "ada")
    assert first.claims == WORKFLOW.claims
    assert first.issuer == WORKFLOW.issuer
    delete(owner, first.id)
    assert shown(owner) == {1: (second,)}
    with pytest.raises(NotFoundError):
        delete(owner, first.id)


def test_a_publisher_is_trusted_once_in_a_channel(owner: Person) -> None:
    owner.create_channel("annex")
    add(owner)
    with pytest.raises(ConflictError):
        add(owner)
    add(owner, channel="annex")
    add(owner, GithubPublisher("octo", "repo", "release.yml", environment="prod"))
    with pytest.raises(NotFoundError):
        delete(owner, 1, "annex")


def test_names_have_a_grammar_and_lists_an_end(owner: Person) -> None:
    with pytest.raises(InvalidInputError):
        add(owner, GithubPublisher("octo", "../repo", "release.yml"))
    for number in range(MAX_PUBLISHERS):
        add(owner, GooglePublisher(f"robot-{number}@example.org"))
    with pytest.raises(InvalidInputError, match="delete one"):
        add(owner)


def test_who_manages_the_channel_manages_its_publishers(world: World, owner: Person) -> None:
    publisher = add(owner)
    carl, root = world.person("carl"), world.person("root", is_admin=True)
    owner.add_member("lab", carl, Role.CONTRIBUTOR)
    for person, refusal in (
        (carl, ForbiddenError),
        (owner.with_key(AccessMode.READ_WRITE_DELETE), ForbiddenError),
        (world.nobody, NotAuthenticatedError),
    ):
        with pytest.raises(refusal):
            add(person)
        with pytest.raises(refusal):
            delete(person, publisher.id)
        assert shown(person) == {}
    assert shown(root) == {1: (publisher,)}
    delete(root, publisher.id)
