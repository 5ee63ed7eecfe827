"""How far a request came: whether a byte of it may be out when it ends early."""

from __future__ import annotations

from typing import Any

from freetier.values.wire import never_sent

WRITING = "send_request_headers.started"


class Progress:
    """Follows one request through the HTTP library's steps.

    Attributes:
        sent: Whether it has begun to be written; a tunnel's request counts as well, to be
            on the safe side.
    """

    __slots__ = ("sent",)

    def __init__(self) -> None:
        self.sent = False

    def note(self, step: str, facts: dict[str, Any]) -> None:
        """Take note of a step, for threads."""
        del facts
        if step.endswith(WRITING):
            self.sent = True

    async def anote(self, step: str, facts: dict[str, Any]) -> None:
        """Take note of a step, for tasks."""
        self.note(step, facts)

    def broke_off(self, error: BaseException) -> None:
        """Let whoever walked away know that nothing was sent, if that is so."""
        if not self.sent:
            never_sent(error)


def detail_of(cause: BaseException) -> str:
    """Return a failure in one bounded line."""
    text = " ".join(str(cause).split())[:200]
    return f"{type(cause).__name__}: {text}" if text else type(cause).__name__
