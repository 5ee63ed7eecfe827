"""What the exit status of a command says."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum


class Status(IntEnum):
    """The exit status of a command.

    Attributes:
        OK: It did what it is for.
        FAILED: It ran, and something that was asked of it did not happen.
        UNUSABLE: It could not begin: wrong arguments, a wrong configuration, a missing part.
        INTERRUPTED: It was stopped from the keyboard.
        UNREAD: Whoever read its output has gone (128 + SIGPIPE, as shells count).
    """

    OK = 0
    FAILED = 1
    UNUSABLE = 2
    INTERRUPTED = 130
    UNREAD = 141


TOLD = (
    "Exit status: 0 all went well; 1 something asked for did not happen; 2 it could not begin "
    "(arguments, configuration, a missing part); 130 interrupted; 141 the output's reader left."
)
"""The same for `--help`."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C end a command in one line, after everything it started has been stopped."""
    try:
        yield
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted; everything is stopped.\n")
        raise SystemExit(Status.INTERRUPTED) from None
