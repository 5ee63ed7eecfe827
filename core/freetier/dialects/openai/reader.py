"""Chunks and messages into events: what whole answers and streams have in common."""

from __future__ import annotations

from typing import Any

from freetier.dialects.jsontext import as_dict, as_list, as_text, write
from freetier.dialects.openai.calls import Calls, rest_of, whole_call
from freetier.dialects.openai.finish import CUTS, emptiness_of, failure_of, reason_of
from freetier.dialects.openai.usage import usage_of
from freetier.dialects.openai.vendor import merged, note
from freetier.dialects.streams import malformed
from freetier.values.chat import (
    Event,
    Finished,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    Usage,
    UsageReported,
    VendorNote,
)
from freetier.values.faults import Refused
from freetier.values.quick import maker
from freetier.values.quirks import Quirks

_text_delta = maker(TextDelta)


class Reader:
    """Reads one answer, piece by piece or in one piece.

    Attributes:
        id: The provider's id of the answer.
        upstream_model: The model that the provider says it used.
        reason: The provider's word for why it ended, once it said it.
    """

    __slots__ = (
        "_calls", "_has_spoken", "_kept", "_reasoning_fields", "_usage", "_vendor",
        "id", "reason", "upstream_model",
    )  # fmt: skip

    def __init__(self, quirks: Quirks) -> None:
        self.id: str | None = None
        self.upstream_model: str | None = None
        self.reason: str | None = None
        self._reasoning_fields = quirks.reasoning_fields
        self._kept = quirks.message_fields
        self._calls = Calls(quirks.message_fields)
        self._usage: Usage | None = None
        self._vendor: dict[str, Any] = {}
        self._has_spoken = False

    def take(self, chunk: dict[str, Any], field: str, events: list[Event | Refused]) -> None:
        """Take one chunk, or a whole answer, and append what it says.

        Args:
            chunk: The object as it came.
            field: Where the words are: `delta` in a stream, `message` in a whole answer.
            events: What has been said so far.
        """
        if self.id is None:
            self.id = as_text(chunk.get("id")) or None
            self.upstream_model = as_text(chunk.get("model")) or None
        if "usage" in chunk or "x_groq" in chunk:
            self._note_usage(chunk)
        choices = chunk.get("choices")
        if not isinstance(choices, list) or not choices:
            return
        choice = choices[0]
        if not isinstance(choice, dict):
            return
        words = choice.get(field)
        if isinstance(words, dict):
            self._hear(words, events)
        elif not self._has_spoken and isinstance(choice.get("message"), dict):
            self._hear(choice["message"], events)
        if choice.get("finish_reason"):
            self.reason = as_text(choice["finish_reason"]) or "unknown"
            self._usage = usage_of(choice.get("usage")) or self._usage

    def end(self) -> list[Event | Refused]:
        """Return what an answer's end says: a refusal, or notes, usage and the reason."""
        fault = failure_of(self.reason)
        if fault is None and not self._has_spoken:
            fault = emptiness_of(self.reason)
        fault = fault or self._cut_call()
        if fault is not None:
            return [fault]
        events: list[Event | Refused] = []
        events.extend(filter(None, map(rest_of, self._calls.all)))
        if kept := note(self._vendor, self._calls.all):
            events.append(VendorNote(kept))
        if self._usage is not None:
            events.append(UsageReported(self._usage))
        events.append(Finished(reason_of(self.reason, has_calls=bool(self._calls.all))))
        return events

    def _hear(self, words: dict[str, Any], events: list[Event | Refused]) -> None:
        before = len(events)
        for name in self._reasoning_fields:
            if thoughts := words.get(name):
                events.extend(map(ReasoningDelta, _texts(thoughts)))
                break
        content = words.get("content")
        if isinstance(content, str):
            if content:
                events.append(_text_delta(content))
        elif content is not None:
            _hear_content(content, events)
        if len(words) > ("content" in words) + ("role" in words):
            self._hear_rest(words, events)
        if len(events) > before:
            self._has_spoken = True

    def _hear_rest(self, words: dict[str, Any], events: list[Event | Refused]) -> None:
        if refusal := as_text(words.get("refusal")):
            events.append(RefusalDelta(refusal))
        fragments = as_list(words.get("tool_calls"))
        if not fragments and (legacy := as_dict(words.get("function_call"))):
            fragments = [whole_call(legacy)]
        events.extend(filter(None, (self._calls.take(piece, self.id) for piece in fragments)))
        self._has_spoken = self._has_spoken or bool(self._calls.all)
        for name in self._kept:
            if words.get(name) is not None:
                self._vendor[name] = merged(self._vendor.get(name), words[name])

    def _note_usage(self, chunk: dict[str, Any]) -> None:
        """Keep the last usage: counts are repeated or cumulative, never to be summed."""
        told = chunk.get("usage") or as_dict(chunk.get("x_groq")).get("usage")
        if told:
            self._usage = usage_of(told) or self._usage

    def _cut_call(self) -> Refused | None:
        is_cut = self.reason is None or reason_of(self.reason, has_calls=True) in CUTS
        for call in self._calls.all:
            if not call.name:
                return malformed("a tool call without a name")
            if is_cut and not call.is_whole:
                return malformed(f"the call of {call.name[:64]} was cut within its arguments")
        return None


def _hear_content(content: object, events: list[Event | Refused]) -> None:
    """Read content that is no text: parts, a number (Cloudflare), an object (JSON mode)."""
    if not isinstance(content, list):
        events.append(_text_delta(write(content).decode()))
        return
    for part in content:
        if isinstance(part, str):
            events.extend([TextDelta(part)] if part else [])
        elif as_dict(part).get("type") == "thinking":
            events.extend(map(ReasoningDelta, _texts(part.get("thinking"))))
        elif refusal := as_text(as_dict(part).get("refusal")):
            events.append(RefusalDelta(refusal))
        elif text := as_text(as_dict(part).get("text")):
            events.append(_text_delta(text))


def _texts(value: object) -> list[str]:
    """Return the texts of thoughts that are a text or a list of parts (Mistral)."""
    if isinstance(value, str):
        return [value] if value else []
    parts = [
        part if isinstance(part, str) else as_dict(part).get("text") for part in as_list(value)
    ]
    return [text for text in parts if isinstance(text, str) and text]
