"""Chaos over real sockets: `make chaos` runs it for ten minutes, the test suite for seconds.

Fifty requests a second from tasks and threads, whole and streamed, some of them cancelled or
left in the middle, at providers that reset, stall, cut, half-close and send garbage.
Afterwards nothing may be left: no connection, no task, no thread's work, no reservation, and
memory that grows no longer.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import random
import resource
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from freetier import Router
from freetier.errors import FreetierError
from freetier.testing import FakeProvider, Fleet, Limit, faults

RATE = 50
"""Requests a second."""

FAULTS: list[tuple[float, faults.Fault]] = [
    (0.03, faults.Reset()),
    (0.03, faults.Unreachable()),
    (0.02, faults.Stall(1.5)),
    (0.03, faults.StallMidStream(pieces=1, seconds=1.5)),
    (0.04, faults.Cut(pieces=1)),
    (0.03, faults.Garbage(where="wire")),
    (0.03, faults.Garbage()),
    (0.03, faults.Status(500)),
    (0.03, faults.Html()),
    (0.03, faults.RateLimited(wait=0.2, amount=100_000)),
    (0.02, faults.Split(3)),
]
OPTIONS = {"model": "any", "timeout": 1.0, "first_content": 1.0, "idle": 1.0, "max_wait": 0.5}
LIMIT = Limit(100_000, "minute", "requests", "rolling")
"""Nobody's quota is used up; a minute, so that what is counted is forgotten again."""
SETTLING = 3.0
"""Seconds after the last request; the longest stall is over by then."""


@dataclass(frozen=True)
class Held:
    """Memory of the process in bytes, and objects that the collector knows."""

    resident: int = 0
    objects: int = 0

    def __str__(self) -> str:
        return f"{self.resident / 1e6:.1f} MB and {self.objects} objects"


@dataclass(kw_only=True)
class Found:
    """What came of a run, and what it left behind."""

    outcomes: Counter[str] = field(default_factory=Counter)
    sockets_before: int = 0
    sockets_after: int = 0
    tasks_after: int = 0
    reserved_after: int = 0
    waiting_after: int = 0
    half: Held = Held()
    end: Held = Held()
    lasted: float = 0.0

    def leaks(self) -> list[str]:
        """Return what was left behind, in words."""
        found = {
            "sockets": self.sockets_after - self.sockets_before,
            "tasks": self.tasks_after,
            "reservations": self.reserved_after,
            "waiters": self.waiting_after,
        }
        words = [f"{count} {what} left" for what, count in found.items() if count > 0]
        if self.end.objects > 1.1 * self.half.objects + 20_000:
            words.append(f"{self.end.objects - self.half.objects} objects more than at half time")
        if self.end.resident > 1.2 * self.half.resident + 10_000_000:
            grown = (self.end.resident - self.half.resident) / 1e6
            words.append(f"{grown:.1f} MB of memory more than at half time")
        return words

    def __str__(self) -> str:
        outcomes = ", ".join(f"{count} {what}" for what, count in self.outcomes.most_common())
        count = sum(self.outcomes.values())
        return (
            f"{count} requests in {self.lasted:.0f} s: {outcomes}\n"
            f"sockets before {self.sockets_before}, after {self.sockets_after}; "
            f"tasks left {self.tasks_after}; reservations left {self.reserved_after}; "
            f"waiters left {self.waiting_after}\n"
            f"memory at half time {self.half}, at the end {self.end}"
        )


def held() -> Held:
    """Return what this process holds now, after everything that can go has gone."""
    gc.collect()
    statm = Path("/proc/self/statm")
    pages = int(statm.read_text("ascii").split()[1]) if statm.is_file() else 0
    return Held(pages * resource.getpagesize(), len(gc.get_objects()))


def sockets() -> int:
    """Return how many sockets this process holds."""
    links = Path("/proc/self/fd")
    if not links.is_dir():
        return 0
    count = 0
    for link in list(links.iterdir()):
        try:
            count += str(link.readlink()).startswith("socket:")
        except OSError:  # the one that listed them
            continue
    return count


class HalfClosed:
    """A server that ends its side of each connection too early and leaves it half open."""

    async def __aenter__(self) -> dict[str, object]:
        """Listen, and return the account that leads here."""
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        where = f"http://127.0.0.1:{port}/v1"
        return {"id": "half-1", "provider": "half", "base_url": where, "models": ["m"]}

    async def __aexit__(self, *_: object) -> None:
        """Close everything."""
        self._server.close()
        await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = random.choice(
            [b"", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{", b"\x00" * 9]
        )
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(said)
            writer.write_eof()
            await asyncio.wait_for(reader.read(), 2.0)
        except (OSError, EOFError, TimeoutError):
            pass  # the router hung up first, or never does: both are wanted
        finally:
            writer.close()


@contextmanager
def _fleet() -> Iterator[Fleet]:
    fakes = [
        FakeProvider(name, "generic", accounts=2, limits=[LIMIT], latency=(0.0, 0.05))
        for name in ("alpha", "beta", "gamma")
    ]
    fleet = Fleet(*fakes)
    for n, (share, fault) in enumerate(FAULTS):
        fleet.chance(None, share, fault, seed=n)
    with fleet:
        yield fleet


class Chaos:
    """One run: a router, a crowd, and the count of what came of each request."""

    def __init__(
        self, router: Router, fleet: Fleet, seconds: float, seed: int, found: Found
    ) -> None:
        self.found = found
        self._fleet = fleet
        self._router = router
        self._seconds = seconds
        self._dice = random.Random(seed)
        self._lock = threading.Lock()

    async def run(self) -> None:
        """Send everything, let it settle, and count what is left."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        tasks: set[asyncio.Task[None]] = set()
        with ThreadPoolExecutor(16) as threads:
            for number in range(int(self._seconds * RATE)):
                await asyncio.sleep(max(0.0, began + number / RATE - loop.time()))
                if number % RATE == 0:  # else three faults in five minutes end the chaos
                    self._router.clear_cooldowns()
                    self._fleet.books.clear()
                if number == int(self._seconds * RATE) // 2:
                    self.found.half = held()
                tasks.add(task := asyncio.create_task(self._one(number, threads)))
                task.add_done_callback(tasks.discard)
            await asyncio.wait(tasks) if tasks else None
            self.found.lasted = loop.time() - began
            await asyncio.sleep(SETTLING)
        self.found.end = held()
        theirs = {"_talk"}
        left = [t for t in asyncio.all_tasks() if _name(t) not in theirs]
        self.found.tasks_after = len(left) - 1

    async def _one(self, number: int, threads: ThreadPoolExecutor) -> None:
        dice = self._dice.random()
        if dice < 0.2:
            await asyncio.get_running_loop().run_in_executor(threads, self._in_thread, number)
        elif dice < 0.3:
            await self._cancelled()
        elif dice < 0.6:
            await self._streamed(left=dice < 0.4)
        else:
            await self._counted(self._router.acomplete("Hello", **OPTIONS))  # type: ignore[arg-type]

    def _note(self, outcome: str) -> None:
        with self._lock:
            self.found.outcomes[outcome] += 1

    def _in_thread(self, number: int) -> None:
        try:
            if number % 2:
                self._router.complete("Hello", **OPTIONS)  # type: ignore[arg-type]
            else:
                with self._router.stream("Hello", **OPTIONS) as stream:  # type: ignore[arg-type]
                    next(stream, None)
            self._note("answered")
        except FreetierError as error:
            self._note(type(error).__name__)

    async def _counted(self, call: object) -> None:
        try:
            await call  # type: ignore[misc]
            self._note("answered")
        except FreetierError as error:
            self._note(type(error).__name__)

    async def _cancelled(self) -> None:
        call = asyncio.create_task(self._router.acomplete("Hello", **OPTIONS))  # type: ignore[arg-type]
        await asyncio.sleep(self._dice.random() * 0.1)
        call.cancel()
        try:
            await call
            self._note("answered")
        except asyncio.CancelledError:
            self._note("cancelled")
        except FreetierError as error:
            self._note(type(error).__name__)

    async def _streamed(self, *, left: bool) -> None:
        try:
            async with self._router.astream("Hello", **OPTIONS) as stream:  # type: ignore[arg-type]
                async for _ in stream:
                    if left:
                        break
            self._note("left" if left else "answered")
        except FreetierError as error:
            self._note(type(error).__name__)


def _name(task: asyncio.Task[object]) -> str:
    return str(getattr(task.get_coro(), "__name__", ""))


async def chaos(seconds: float, seed: int = 1) -> Found:
    """Run for so long and return what was found."""
    with _fleet() as fleet:
        before = sockets()
        await _measured(fleet, seconds, seed, found := Found())
        await asyncio.sleep(0.5)  # the fleet's side of the connections
        gc.collect()
        found.sockets_before, found.sockets_after = before, sockets()
        return found


async def _measured(fleet: Fleet, seconds: float, seed: int, found: Found) -> None:
    async with HalfClosed() as half:
        config = fleet.config(limits=True)
        config["accounts"].append(half)
        names = [*fleet.providers, "half"]
        config["aliases"] = [
            {"alias": "any", "models": [{"provider": n, "model": "m"} for n in names]}
        ]
        async with Router(config, seed=seed) as router:
            await Chaos(router, fleet, seconds, seed, found).run()
            found.reserved_after = sum(row.reserved for row in router.quota_status())
            found.waiting_after = router._engine.world.waiting[0]


def main() -> int:
    """Run as a program: `python -m tests.chaos --seconds 600`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL)  # the fleet on broken connections
    logging.getLogger("freetier").setLevel(logging.CRITICAL)
    found = asyncio.run(chaos(given.seconds, given.seed))
    print(found)
    leaks = found.leaks()
    print("\n".join(leaks) or "nothing was left behind")
    return 1 if leaks else 0


if __name__ == "__main__":
    sys.exit(main())
