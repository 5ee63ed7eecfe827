"""One answer in a terminal: its pieces as they come, what happens on the way, and who it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from freetier.cli.out import Out
from freetier.display.words import counted
from freetier.values.chat import Message, RefusalDelta, Restarted, TextDelta
from freetier.values.reports import Completion, RouteEvent, RouteReport

if TYPE_CHECKING:
    from freetier.router import Router

HARMLESS = dict.fromkeys((*range(9), *range(11, 32), 127, *range(128, 160)))
"""Control characters but for tab and end of line; a model must not steer the terminal."""


class Speech:
    """Writes one streamed answer.

    Attributes:
        text: What has been said so far; what is left of an answer that was cut short.
    """

    def __init__(self, out: Out) -> None:
        self.text = ""
        self._out = out

    def answer(self, router: Router, messages: Sequence[Message], **given: Any) -> Completion:
        """Ask, write the pieces as they come, and return the whole.

        However it ends, the line is ended and the quota settled.
        """
        stream = router.stream(list(messages), listener=self._hear, **given)
        with stream:
            try:
                for event in stream:
                    match event:
                        case TextDelta(text=piece) | RefusalDelta(text=piece):
                            self._say(piece)
                        case Restarted():
                            self._begin_anew()
            finally:
                if self.text and not self.text.endswith("\n"):
                    self._out.say("\n")
            return stream.completion

    def _say(self, piece: str) -> None:
        piece = piece.translate(HARMLESS)
        self.text += piece
        self._out.say(piece)

    def _begin_anew(self) -> None:
        if self.text:
            self._out.say("\n")
        self.text = ""
        self._out.remark("the answer broke off and begins anew")

    def _hear(self, event: RouteEvent) -> None:
        """Tell what keeps the reader waiting."""
        if event.kind == "failover" and event.attempt is not None:
            words = event.attempt.detail or str(event.fault).replace("_", " ")
            self._out.remark(f"{event.candidate}: {words}; going on")
        elif event.kind == "wait" and (event.seconds or 0) >= 1:
            self._out.remark(f"waiting {event.seconds:.0f} s for {event.candidate or 'quota'}")


def signature(report: RouteReport) -> str:
    """Return who answered, in one line."""
    parts = [f"{report.provider}, {report.model}, account {report.account}"]
    parts.append(f"{report.duration:.1f} s")
    if report.usage is not None:
        parts.append(counted(report.usage.output_tokens, "token"))
    if report.failovers:
        parts.append(counted(report.failovers, "fail-over"))
    if report.waited:
        parts.append(f"waited {report.waited:.0f} s")
    if not report.free:
        parts.append(f"${report.cost:.6f}")
    return ", ".join(parts)
