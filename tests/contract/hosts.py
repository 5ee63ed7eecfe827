"""Two hosts on one machine: network namespaces where they are permitted, else two addresses."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Host:
    """Where processes run, and how they reach the machine in the middle.

    Attributes:
        name: For people.
        prefix: Words before a command that is to run there.
        server: The address under which the machine in the middle is reached from there.
        offset: Seconds by which its clock is wrong.
        cable: The end here of the cable to it; empty if there is none to pull.
    """

    name: str
    prefix: tuple[str, ...]
    server: str
    offset: float
    cable: str = ""


@contextmanager
def two_hosts(*, namespaces: bool = True) -> Iterator[tuple[Host, Host]]:
    """Yield two hosts whose clocks are two seconds apart.

    Args:
        namespaces: Whether network namespaces are tried at all.
    """
    with ExitStack() as stack:
        made: list[Host] = []
        try:
            if not namespaces:
                raise FileNotFoundError
            for number, offset in ((1, 0.0), (2, 2.0)):
                made.append(stack.enter_context(_namespace(number, offset)))
        except (OSError, subprocess.CalledProcessError):
            made = [
                Host("another loopback address", (), f"127.0.0.{number + 1}", offset)
                for number, offset in ((1, 0.0), (2, 2.0))
            ]
        yield made[0], made[1]


@contextmanager
def _namespace(number: int, offset: float) -> Iterator[Host]:
    """Make a network namespace with a cable to this one, and take both away again."""
    ip = shutil.which("ip")
    if ip is None:
        raise FileNotFoundError("ip")
    mine = os.getpid() * 2 + number  # nets of their own for tests that run at the same time
    name, net = f"ft{os.getpid()}-{number}", f"10.{128 + mine // 256 % 64}.{mine % 256}"
    here, there = f"fth{number}{os.getpid() % 100000}", f"ftt{number}{os.getpid() % 100000}"

    def do(*words: str) -> None:
        subprocess.run([ip, *words], check=True, capture_output=True, timeout=10)

    do("netns", "add", name)
    try:
        do("link", "add", here, "type", "veth", "peer", "name", there)
        do("link", "set", there, "netns", name)
        do("addr", "add", f"{net}.1/24", "dev", here)
        do("link", "set", here, "up")
        do("-n", name, "addr", "add", f"{net}.2/24", "dev", there)
        do("-n", name, "link", "set", there, "up")
        do("-n", name, "link", "set", "lo", "up")
        prefix = (ip, "netns", "exec", name)
        yield Host("a network namespace", prefix, f"{net}.1", offset, here)
    finally:
        subprocess.run([ip, "link", "del", here], check=False, capture_output=True, timeout=10)
        subprocess.run([ip, "netns", "del", name], check=False, capture_output=True, timeout=10)
