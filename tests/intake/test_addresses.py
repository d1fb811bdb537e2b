"""Which machines an address may send the server to."""

import asyncio
from collections.abc import Sequence

import pytest

from graphrepo.errors import SourceForbiddenError, SourceUnavailableError
from graphrepo.intake.addresses import Judge, anything, checked_addresses, is_public, look_up


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",  # noqa: S104 - an address to judge
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",  # carrier-grade NAT
        "169.254.169.254",  # the metadata of a cloud's machine
        "172.16.0.1",
        "192.168.1.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001:db8::1",
        "2001::1",  # Teredo
        "2002:7f00:1::1",  # 6to4 of 127.0.0.1
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_what_is_not_in_the_open_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450::1"])
def test_what_is(address: str) -> None:
    assert is_public(address)


def names(**known: list[str]) -> "Resolver":
    return Resolver(known)


class Resolver:
    """The names that a test knows."""

    def __init__(self, known: dict[str, list[str]]) -> None:
        self.known = known

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        return self.known[host]


def checked(host: str, resolve: Resolver, judge: Judge = is_public) -> Sequence[str]:
    return asyncio.run(checked_addresses(host, 80, resolve, judge))


def test_every_address_of_a_name_must_be_public() -> None:
    resolve = names(good=["8.8.8.8", "2606:4700::1111"], mixed=["8.8.8.8", "127.0.0.1"])
    assert checked("good", resolve) == ["8.8.8.8", "2606:4700::1111"]
    with pytest.raises(SourceForbiddenError, match="mixed is not in the open internet"):
        checked("mixed", resolve)
    assert checked("mixed", resolve, anything) == ["8.8.8.8", "127.0.0.1"]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "localhost"])
def test_the_system_reads_every_way_to_write_this_machine(host: str) -> None:
    found = asyncio.run(look_up(host, 80))
    assert found
    assert not any(map(is_public, found))


@pytest.mark.parametrize("host", ["no.such.host.invalid", "a" * 70 + ".example", "."])
def test_a_name_without_an_address_is_told(host: str) -> None:
    with pytest.raises(SourceUnavailableError, match="cannot be found"):
        asyncio.run(look_up(host, 80))
