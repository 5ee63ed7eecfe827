"""Starting the model's server as a child process, and ending it for certain."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

import freetier.local
from freetier.local.errors import ServerFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

GRACE_SECONDS = 5.0
"""How long the child may take to leave, each time it is told to."""

LAST_LINES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the child is told, on its standard input: its arguments could be read by anyone.

    Args:
        weights: Path of the weights.
        model: The name under which the model answers.
        api_key: The key that every request must carry.
        slots: How many requests are answered at once.
        context: Tokens of prompt and answer together, for each slot.
    """

    weights: str
    model: str
    api_key: str = field(repr=False)
    slots: int
    context: int

    def as_line(self) -> bytes:
        """Return the order as one line."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        """Read back what `as_line` wrote."""
        return cls(**json.loads(line))


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A server that is ready.

    Args:
        process: The child process.
        base_url: Where it listens.
    """

    process: subprocess.Popen[bytes]
    base_url: str

    def end(self) -> None:
        """Ask the child to leave, then make it."""
        _end(self.process)


def launched(order: Order, timeout: float) -> Child:
    """Start a server and return when it is ready.

    Args:
        order: What it is to serve.
        timeout: Seconds until it must be ready.

    Raises:
        ServerFailed: It ended, or was not ready in time; the message has its last words.
    """
    with tempfile.TemporaryFile() as log:
        process = _started(log)
        late = threading.Event()
        patience = threading.Timer(timeout, _give_up, (process, late))
        patience.start()
        try:
            base_url = _announced(process, order)
        except BaseException:
            _end(process)
            raise
        finally:
            patience.cancel()
            patience.join()
        if base_url and not late.is_set():
            return Child(process=process, base_url=base_url)
        _end(process)
        why = f"was not ready within {timeout:g} s" if late.is_set() else "ended by itself"
        raise ServerFailed(f"the local model's server {why}; its last words:\n{_last_words(log)}")


def _started(log: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "freetier.local.serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        env=_environment(),
    )


def _environment() -> Mapping[str, str]:
    """Return this process's environment; the child finds the package where this process did."""
    root = Path(freetier.local.__file__).parents[2]
    paths = (str(root), os.environ.get("PYTHONPATH", ""))
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def _announced(process: subprocess.Popen[bytes], order: Order) -> str:
    """Return the address that the child announces; empty when it ends without a word."""
    assert process.stdin is not None  # noqa: S101 - both were asked for as pipes
    assert process.stdout is not None  # noqa: S101
    with contextlib.suppress(BrokenPipeError):  # a child that ends early does not listen
        process.stdin.write(order.as_line())
        process.stdin.flush()
    line = process.stdout.readline()
    return str(json.loads(line)["base_url"]) if line else ""


def _give_up(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    process.kill()


def _end(process: subprocess.Popen[bytes]) -> None:
    for tell in (partial(_close, process.stdin), process.terminate, process.kill):
        tell()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
            break
    _close(process.stdout)


def _close(pipe: IO[bytes] | None) -> None:
    """Close a pipe; the end of its input is the child's sign to leave."""
    if pipe is not None:
        with contextlib.suppress(BrokenPipeError):  # what was still to be written is not wanted
            pipe.close()


def _last_words(log: IO[bytes]) -> str:
    log.seek(0)
    lines = log.read().decode("utf-8", "replace").strip().splitlines()
    return "\n".join(f"    {line}" for line in lines[-LAST_LINES:]) or "    (none)"
