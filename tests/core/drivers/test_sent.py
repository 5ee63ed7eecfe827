"""What a failure on the wire is called."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest

from freetier.drivers.sent import detail_of


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (socket.gaierror(-2, "Name or service not known"), "the host's name cannot be looked up"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "connection refused"),
        (OSError(errno.ECONNREFUSED, "Connect call failed ('127.0.0.1', 9)"), "connection refused"),
        (ssl.SSLError(1, "unknown ca"), "SSLError: unknown ca"),
        (OSError("Multiple exceptions: a, b"), "OSError: Multiple exceptions: a, b"),
        (TimeoutError(), "TimeoutError"),
        (ValueError("two\nlines"), "ValueError: two lines"),
    ],
)
def test_a_failure_is_one_line_for_people(cause: Exception, said: str) -> None:
    """In the system's own words where it has some, whoever raised it; without its numbers."""
    assert detail_of(cause).startswith(said)
    assert "Errno" not in detail_of(cause)
    assert len(detail_of(OSError("x" * 1000))) < 300
