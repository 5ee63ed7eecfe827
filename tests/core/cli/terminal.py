"""A person at a terminal, as a program of its own: waits for words, types, and tells what it saw.

It reads `{"words": [...], "steps": [[wait_for, type], ...]}` and writes `{"seen", "status"}`.
It is a program so that nothing else holds or closes the terminal's two ends.
"""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import termios
import time
from typing import Any

PATIENCE = 150.0
"""Seconds after which it gives up, so that a hang ends with what was seen."""

SIZE = (24, 80)
"""Lines and columns of the terminal."""

TAKE = """
import fcntl, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C, as a letter, reaches this program
from freetier.cli import main
main()
"""


def at_terminal(
    words: list[str], steps: list[tuple[str, str]], env: dict[str, str]
) -> tuple[str, int]:
    """Run a command at a terminal and type after what it says; return all of it, and its status."""
    done = subprocess.run(
        [sys.executable, __file__],
        input=json.dumps({"words": words, "steps": steps}),
        capture_output=True,
        text=True,
        check=True,
        env=env,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told["seen"], told["status"]


def main() -> None:
    """Play the steps that stand on the standard input."""
    told = json.load(sys.stdin)
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, SIZE)
    running = subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-c", TAKE, *told["words"]],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    until, seen, read = time.monotonic() + PATIENCE, b"", 0
    steps = [(sign.encode(), keys.encode()) for sign, keys in told["steps"]]
    while piece := _piece(ours, until):
        seen += piece
        while steps and (at := seen.find(steps[0][0], read)) >= 0:
            sign, keys = steps.pop(0)
            read = at + len(sign)
            os.write(ours, keys)
    if running.poll() is None and time.monotonic() >= until:
        running.kill()
    json.dump({"seen": seen.decode(errors="replace"), "status": running.wait()}, sys.stdout)


def _piece(terminal: int, until: float) -> bytes:
    """Return what comes next; nothing when the other side has left, or time is up."""
    if not select.select([terminal], [], [], max(0.0, until - time.monotonic()))[0]:
        return b""
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux's way of saying that nobody is there any more
        return b""


if __name__ == "__main__":
    main()
