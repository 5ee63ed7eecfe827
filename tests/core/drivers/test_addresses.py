"""Which addresses are gone to when somebody else wrote them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.drivers.addresses import NotAllowed, checked, chosen, is_public


@pytest.mark.parametrize(
    "number", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"]
)
def test_hosts_of_the_public_network_are_gone_to(number):
    """Also such of version 4 in the words of version 6."""
    assert is_public(number)


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "192.0.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254",
        "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::",
        "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:db8::1", "localhost", "", "0x7f.1",
    ],
)  # fmt: skip
def test_all_other_numbers_are_not(number):
    """Loopback, private, link-local, shared, reserved, multicast, and those hidden in others."""
    assert not is_public(number)


@given(st.ip_addresses(v=4))
def test_a_number_is_judged_alike_in_every_wrapping(number):
    """What is not public in version 4 is not public as part of version 6 either."""
    if is_public(str(number)):
        return
    high, low = int(number) >> 16, int(number) & 0xFFFF
    for wrapped in (f"::ffff:{number}", f"64:ff9b::{number}", f"2002:{high:x}:{low:x}::1"):
        assert not is_public(wrapped)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("file:///etc/passwd", "only http and https"),
        ("gopher://a.test/", "only http and https"),
        ("http:///x", "only http and https"),
        ("http://user:pw@a.test/", "a name or a password"),
        ("http://a.test:22/", "port 22"),
        ("http://a.test:99999/", "no address"),
        ("http://[::1/", "no address"),
        ("http://a.test/a b", "no address"),
        ("http://a.test/\r\nhost: b", "no address"),
        ("http://ä.test/", "no address"),
    ],
)
def test_an_address_of_another_form_is_not_gone_to(url, why):
    """And why is told without its path."""
    with pytest.raises(NotAllowed, match=why):
        checked(url)


def test_a_host_with_one_private_number_is_not_gone_to_at_all():
    """Else the order of the numbers would decide."""
    assert chosen("a.test", ["8.8.8.8", "1.1.1.1"]) == "8.8.8.8"
    for numbers in (["8.8.8.8", "127.0.0.1"], ["::1"], []):
        with pytest.raises(NotAllowed, match=r"a\.test"):
            chosen("a.test", numbers)
