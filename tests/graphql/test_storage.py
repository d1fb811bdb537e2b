"""How the size of a channel has grown."""

from datetime import timedelta

from tests.builders import package
from tests.clocks import HandClock
from tests.graphql.asking import Api
from tests.registry.world import Person

GROWTH = '{ channel(name: "vault") { size storageByMonth { month size files } } }'


def test_what_is_there_counts_from_the_month_in_which_it_came(
    api: Api, owner: Person, clock: HandClock
) -> None:
    first, second, gone = (package(name) for name in ("first", "second", "gone"))
    owner.publish("vault", first)
    owner.publish("vault", gone)
    clock.advance(timedelta(hours=1))
    owner.publish("vault", second)
    clock.advance(timedelta(days=62))
    third = package("third")
    owner.publish("vault", third)
    owner.delete("vault", f"noarch/{gone.filename}")
    told = api.ask(owner, GROWTH).data["channel"]
    early = first.size + second.size
    assert told["storageByMonth"] == [
        {"month": "2026-01-01", "size": early, "files": 2},
        {"month": "2026-03-01", "size": early + third.size, "files": 3},
    ]
    assert told["size"] == told["storageByMonth"][-1]["size"]


def test_an_empty_channel_has_not_grown_and_a_private_one_tells_nobody(
    api: Api, owner: Person, stranger: Person
) -> None:
    assert api.ask(owner, GROWTH).data["channel"] == {"size": 0, "storageByMonth": []}
    assert api.ask(stranger, GROWTH).data["channel"] is None
