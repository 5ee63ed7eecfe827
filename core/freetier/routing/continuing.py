"""Going on with an answer that broke off: what to ask, and what not to say twice."""

from __future__ import annotations

from dataclasses import replace

from freetier.values.accounts import Candidate
from freetier.values.chat import ChatRequest, Content, Message
from freetier.values.models import Capability
from freetier.values.vectors import EmbedRequest

OVERLAP = 200
"""Characters that a continuation may repeat and that are cut off (decisions 8)."""

INSTRUCTION = (
    "Your last message was cut off. Continue it exactly where it ends, with the very next "
    "character. Do not repeat anything, do not apologise, do not comment."
)


def can_continue(request: ChatRequest | EmbedRequest, said: Content) -> bool:
    """Tell whether an answer is plain text that another model can go on with."""
    if isinstance(request, EmbedRequest):
        return False
    plain = request.response_format is None and not said.tool_calls
    return plain and bool(said.text)


def continued(request: ChatRequest, candidate: Candidate, said: str) -> ChatRequest:
    """Return a request for the rest of an answer."""
    turns = (*request.messages, Message(role="assistant", content=said))
    if Capability.PREFILL not in candidate.model.capabilities:
        turns = (*turns, Message(role="user", content=INSTRUCTION))
    return replace(request, messages=turns)


class Overlap:
    """Cuts off what a continuation repeats of the text before it.

    Text is held until it is longer than any repetition, or the stream ends.
    """

    __slots__ = ("_before", "_done", "_held")

    def __init__(self, before: str) -> None:
        self._before = before[-OVERLAP:]
        self._held = ""
        self._done = False

    def feed(self, text: str) -> str:
        """Return what may be said of this text now."""
        if self._done:
            return text
        self._held += text
        return self.flush() if len(self._held) >= OVERLAP else ""

    def flush(self) -> str:
        """Return what is held, without its repetition."""
        if self._done:
            return ""
        self._done = True
        held, longest = self._held, min(len(self._held), len(self._before))
        for size in range(longest, 0, -1):
            if self._before.endswith(held[:size]):
                return held[size:]
        return held
