"""A reader who leaves, as in `freetier status | head -1`, ends a command without a word."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from freetier.cli.statuses import Status


@contextmanager
def readable() -> Iterator[None]:
    """Leave with `Status.UNREAD` when the pipe behind the standard output closes."""
    try:
        yield
        sys.stdout.flush()  # here, where it can be caught, and not when the program ends
    except BrokenPipeError:
        _silence()
        raise SystemExit(Status.UNREAD) from None


def _silence() -> None:
    """Let what is still buffered go nowhere, so that Python does not complain at its end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
