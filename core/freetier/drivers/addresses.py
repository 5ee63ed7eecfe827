"""Which addresses a request may make this machine go to, when somebody else wrote them.

A host is judged by the numbers it resolves to, and connected to by the very number that was
judged: a name that means something else a moment later gains nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

PORTS = frozenset({80, 443})
FIRST_FREE_PORT = 1024
"""From here on no port belongs to mail, shells or files by convention."""

_NAT64 = IPv6Network("64:ff9b::/96")


class NotAllowed(Exception):
    """Why an address is not gone to; a sentence without the address's path."""


def is_public(text: str) -> bool:
    """Tell whether an IP address belongs to a host of the public network.

    False for loopback, private, link-local, shared, multicast, reserved and unspecified ones,
    and for those of version 6 that hold such a one of version 4.
    """
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    inner = _translated(address)
    if inner is not None:
        return _is_global(inner)
    return _is_global(address) and all(map(_is_global, _within(address)))


def _is_global(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    odd = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not odd


def _translated(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """Return the address of version 4 that one of version 6 stands for."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped


def _within(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """Return addresses of version 4 that a tunnel of version 6 leads to."""
    if isinstance(address, IPv4Address):
        return []
    found = [address.sixtofour, *(address.teredo or ())]
    return [inner for inner in found if inner is not None]


def checked(url: str) -> SplitResult:
    """Return an address in its parts, if its form may be gone to at all.

    Raises:
        NotAllowed: It is no plain http or https address.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NotAllowed("it is no address") from None
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
        raise NotAllowed("only http and https addresses are fetched")
    if parts.username is not None or parts.password is not None:
        raise NotAllowed("an address with a name or a password is not fetched")
    if port is not None and port not in PORTS and port < FIRST_FREE_PORT:
        raise NotAllowed(f"port {port} is not fetched from")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise NotAllowed("it is no address")
    return parts


def chosen(host: str, numbers: Sequence[str], public: object = None) -> str:
    """Return the number of a host to connect to.

    Args:
        host: Its name.
        numbers: All that it resolves to.
        public: Stands in for `is_public`, in tests over this machine.

    Raises:
        NotAllowed: There is none, or one of them is not public.
    """
    judge = public if callable(public) else is_public
    if not numbers:
        raise NotAllowed(f"{host} has no address")
    if not all(map(judge, numbers)):
        raise NotAllowed(f"{host} is not on the public network")
    return numbers[0]
