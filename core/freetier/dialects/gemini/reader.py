"""Answers and their pieces into events: what whole answers and streams have in common."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from freetier.dialects.gemini.finish import blocked, emptiness_of, failure_of, reason_of
from freetier.dialects.gemini.signatures import END, SIGNATURE, TEXT, THOUGHT, note
from freetier.dialects.gemini.usage import usage_of
from freetier.dialects.jsontext import as_dict, as_list, as_text, write
from freetier.dialects.streams import malformed
from freetier.dialects.words import one_line
from freetier.values.chat import (
    Event,
    Finished,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    UsageReported,
    VendorNote,
)
from freetier.values.faults import Refused


class Reader:
    """Reads one answer, piece by piece or in one piece.

    Attributes:
        id: The provider's id of the answer.
        upstream_model: The model that the provider says it used.
        reason: The provider's word for why it ended, once it said it.
    """

    __slots__ = (
        "_calls", "_has_spoken", "_message", "_refusal", "_signed", "_usage",
        "id", "reason", "upstream_model",
    )  # fmt: skip

    def __init__(self) -> None:
        self.id: str | None = None
        self.upstream_model: str | None = None
        self.reason: str | None = None
        self._message = ""
        self._refusal: Refused | None = None
        self._signed: dict[str, str] = {}
        self._calls: dict[str, dict[str, str]] = {}
        self._usage: dict[str, Any] = {}
        self._has_spoken = False

    def take(self, chunk: dict[str, Any], events: list[Event | Refused]) -> None:
        """Take one piece, or a whole answer, and append what it says."""
        if self.id is None:
            self.id = as_text(chunk.get("responseId")) or None
            self.upstream_model = as_text(chunk.get("modelVersion")) or None
        # Counts are cumulative: the last of each name is the whole.
        self._usage |= as_dict(chunk.get("usageMetadata"))
        if block := as_text(as_dict(chunk.get("promptFeedback")).get("blockReason")):
            self._refusal, self.reason = blocked(block), block
        for candidate in as_list(chunk.get("candidates"))[:1]:
            self._hear(as_dict(candidate), events)

    def end(self) -> list[Event | Refused]:
        """Return what an answer's end says: a refusal, or notes, usage and the reason."""
        fault = self._refusal or failure_of(self.reason, self._message)
        if fault is None and not self._has_spoken:
            fault = emptiness_of(self.reason)
        if fault is not None:
            return [fault]
        events: list[Event | Refused] = []
        if kept := note(self._signed, self._calls):
            events.append(VendorNote(kept))
        if (usage := usage_of(self._usage)) is not None:
            events.append(UsageReported(usage))
        events.append(Finished(reason_of(self.reason, has_calls=bool(self._calls))))
        return events

    def _hear(self, candidate: dict[str, Any], events: list[Event | Refused]) -> None:
        before = len(events)
        for part in as_list(as_dict(candidate.get("content")).get("parts")):
            self._hear_part(as_dict(part), events)
        self._has_spoken = self._has_spoken or len(events) > before
        if word := as_text(candidate.get("finishReason")):
            self.reason = word
            self._message = one_line(as_text(candidate.get("finishMessage")))

    def _hear_part(self, part: dict[str, Any], events: list[Event | Refused]) -> None:
        """Take one part; `inlineData`, a picture or a sound, has no place in our answers."""
        signature = as_text(part.get(SIGNATURE))
        if "functionCall" in part:
            self._hear_call(as_dict(part["functionCall"]), signature, events)
            return
        text = as_text(part.get("text")) or _of_code(part)
        is_thought = part.get("thought") is True
        if text:
            events.append(ReasoningDelta(text) if is_thought else TextDelta(text))
        if signature:
            self._signed[THOUGHT if is_thought else TEXT if text else END] = signature

    def _hear_call(
        self, call: dict[str, Any], signature: str, events: list[Event | Refused]
    ) -> None:
        name = as_text(call.get("name"))
        if not name:
            self._refusal = malformed("a tool call without a name")
            return
        arguments = write(as_dict(call.get("args"))).decode()
        google_id = as_text(call.get("id"))
        call_id = google_id if google_id and google_id not in self._calls else ""
        call_id = call_id or self._made_id(name, arguments)
        kept = {SIGNATURE: signature, "id": google_id}
        events.append(ToolCallDelta(len(self._calls), call_id, name, arguments))
        self._calls[call_id] = {key: value for key, value in kept.items() if value}

    def _made_id(self, name: str, arguments: str) -> str:
        """Make an id that is the same each time the same answer is read."""
        text = f"{self.id}/{len(self._calls)}/{name}/{arguments}"
        return "call_" + blake2b(text.encode("utf-8", "replace"), digest_size=9).hexdigest()


def _of_code(part: dict[str, Any]) -> str:
    """Return a program that the model ran, or what came of it, as text."""
    program = as_dict(part.get("executableCode"))
    if code := as_text(program.get("code")):
        return f"\n```{as_text(program.get('language')).lower()}\n{code.rstrip()}\n```\n"
    output = as_text(as_dict(part.get("codeExecutionResult")).get("output"))
    return f"\n```\n{output.rstrip()}\n```\n" if output else ""
