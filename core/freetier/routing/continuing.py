"""Going on with an answer that broke off: what to ask, and what not to say twice."""

from __future__ import annotations

from dataclasses import replace

from freetier.values.accounts import Candidate
from freetier.values.chat import ChatRequest, Content, Message
from freetier.values.models import Capability
from freetier.values.vectors import EmbedRequest

OVERLAP = 200
"""Characters that a continuation may repeat and that are cut off (decisions 8)."""

CHANCE = 6
"""Characters from which a repetition that begins within a word is no chance any more; one
that begins a word is meant, however short."""

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
    can_prefill = Capability.PREFILL in candidate.model.capabilities
    if not can_prefill and not candidate.quirks.prefill_field:
        turns = (*turns, Message(role="user", content=INSTRUCTION))
    return replace(request, messages=turns)


class Overlap:
    """Cuts off what a continuation repeats of the text before it.

    Text is held as long as it may be the beginning of a repetition.
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
        return "" if self._held in self._before[:-1] else self.flush()

    def flush(self) -> str:
        """Return what is held, without its repetition."""
        if self._done:
            return ""
        self._done = True
        held, longest = self._held, min(len(self._held), len(self._before))
        for size in range(longest, 0, -1):
            if self._before.endswith(held[:size]) and self._is_meant(size):
                return held[size:]
        return held

    def _is_meant(self, size: int) -> bool:
        """Tell whether so many repeated characters are no chance."""
        if size >= CHANCE or size == len(self._before):
            return True
        return not (self._before[-size].isalnum() and self._before[-size - 1].isalnum())
