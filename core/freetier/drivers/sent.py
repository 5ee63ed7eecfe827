"""How far a request came, and when: whether a byte of it is out, and since when the last one."""

from __future__ import annotations

import os
from socket import gaierror
from ssl import SSLError
from time import monotonic
from typing import Any

from freetier.values.wire import never_sent

WRITING = "send_request_headers.started"
WRITTEN = "send_request_body.complete"


class Progress:
    """Follows one request through the HTTP library's steps.

    Attributes:
        sent: Whether it has begun to be written; a tunnel's request counts as well, to be
            on the safe side.
    """

    __slots__ = ("_begun", "_written", "sent")

    def __init__(self) -> None:
        self.sent = False
        self._begun = monotonic()
        self._written: float | None = None

    @property
    def written_after(self) -> float:
        """Return the seconds until all of it was written; until now if that is not known."""
        return (monotonic() if self._written is None else self._written) - self._begun

    def note(self, step: str, facts: dict[str, Any]) -> None:
        """Take note of a step, for threads."""
        del facts
        if step.endswith(WRITING):
            self.sent = True
        elif step.endswith(WRITTEN):
            self._written = monotonic()

    async def anote(self, step: str, facts: dict[str, Any]) -> None:
        """Take note of a step, for tasks."""
        self.note(step, facts)

    def broke_off(self, error: BaseException) -> None:
        """Let whoever walked away know that nothing was sent, if that is so."""
        if not self.sent:
            never_sent(error)


def detail_of(cause: BaseException) -> str:
    """Return a failure in one bounded line; what the system says, in its own words."""
    if isinstance(cause, gaierror):
        return "the host's name cannot be looked up (is this machine online?)"
    if isinstance(cause, OSError) and cause.errno and not isinstance(cause, SSLError):
        return os.strerror(cause.errno).lower()
    text = " ".join(str(cause).split())[:200]
    return f"{type(cause).__name__}: {text}" if text else type(cause).__name__
