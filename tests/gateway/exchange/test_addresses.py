"""Which addresses may be connected to, and that the connection goes to the one that was checked."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Any

import pytest

from gateway.exchange.addresses import AddressRefusedError, NameUnknownError, Networks, is_of_the_internet, resolve
from tests.gateway.exchange.conftest import Post
from tests.gateway.exchange.receiver import receiving

REFUSED = """
127.0.0.1 127.8.8.8 0.0.0.0 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 169.254.0.1 100.64.0.1
100.127.255.255 192.0.2.1 198.18.0.1 198.51.100.7 203.0.113.7 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 192.0.0.1
::1 :: fe80::1 fc00::1 fd00:ec2::254 ff02::1 2001:db8::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
::127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::1 2002:7f00:1:: 2001:0:53aa:64c::1 fec0::1 100::1
""".split()  # noqa: SIM905  a list to read
PERMITTED = "1.1.1.1 8.8.8.8 93.184.216.34 2606:4700:4700::1111 2a02:6b8::2:242 ::ffff:8.8.8.8".split()  # noqa: SIM905


@pytest.mark.parametrize("address", REFUSED)
def test_addresses_that_are_not_of_the_internet(address: str) -> None:
    assert not is_of_the_internet(ipaddress.ip_address(address))
    with pytest.raises(AddressRefusedError):
        asyncio.run(resolve(address, 443, Networks()))


@pytest.mark.parametrize("address", PERMITTED)
def test_addresses_of_the_internet(address: str) -> None:
    assert is_of_the_internet(ipaddress.ip_address(address))


def test_a_named_network_is_permitted_also_when_it_is_written_as_ipv6() -> None:
    named = Networks.parse("10.0.0.0/8, fd00::/8")
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "fd00::1"):
        assert named.permits(ipaddress.ip_address(address))
    assert not named.permits(ipaddress.ip_address("192.168.0.1"))
    with pytest.raises(ValueError, match=r"10\.0\.0\.1/8"):
        Networks.parse("10.0.0.1/8")


@pytest.mark.parametrize("name", ["localhost", "2130706433", "0x7f.1", "127.1"])
def test_names_and_odd_ways_to_write_loopback_are_refused(name: str) -> None:
    with pytest.raises((AddressRefusedError, NameUnknownError)):
        asyncio.run(resolve(name, 443, Networks()))


def answering(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """A resolver that says one thing and then another."""
    asked: list[str] = []

    async def getaddrinfo(loop: Any, host: str, port: int, **more: Any) -> Any:
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(2, 1, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
    return asked


def test_of_several_addresses_only_the_permitted_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, ["10.0.0.1", "1.1.1.1", "127.0.0.1"])
    assert list(map(str, asyncio.run(resolve("h.example", 443, Networks())))) == ["1.1.1.1"]


def test_a_name_that_moves_after_the_check_gains_nothing(sqlite_post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is asked for once; the connection goes to what was checked, with the name in the Host header."""
    post = sqlite_post
    with receiving(post.receiver()) as webhook, receiving(post.receiver(), "127.0.0.2") as inside:
        port = webhook.url.rpartition(":")[2]
        asked = answering(monkeypatch, ["127.0.0.1"], ["127.0.0.2"])
        post.networks = "127.0.0.1/32"
        real, webhook.url = webhook.url, f"http://partner.example:{port}"
        post.register(post.town.guardianship, "webhook", f"{webhook.url}/in")
        post.hand_over()
        assert asked == ["partner.example"]
        assert webhook.hosts == [f"partner.example:{port}"]
        assert len(webhook.bodies) == 1
        assert not inside.hosts
        post.send()
        assert post.hand_over().waiting == 1
        assert {row.error for row in post.rows()} == {"address_refused"}
        assert not inside.hosts
        webhook.url = real


def test_plain_http_goes_to_named_networks_alone(sqlite_post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, ["1.1.1.1"])
    sqlite_post.register(sqlite_post.town.guardianship, "webhook", "http://partner.example/in")
    sqlite_post.hand_over()
    with sqlite_post.house.store.reading() as unit:
        (endpoint,) = unit.endpoints.of(None)
    assert endpoint.reason == "address_refused"
