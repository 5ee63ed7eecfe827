"""What a fake model said, before it takes any vendor's shape; and who says it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from freetier.testing.jsons import Json
from freetier.testing.tokens import call_tokens, tokens


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a tool; `arguments` may be a text that is no JSON, as bad models write it."""

    name: str
    arguments: Mapping[str, Any] | str = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The arguments as they go over the wire."""
        if isinstance(self.arguments, str):
            return self.arguments
        return json.dumps(dict(self.arguments), separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens that an answer reports; `reasoning` is the part of `output` spent on it."""

    prompt: int
    output: int
    reasoning: int = 0

    @property
    def total(self) -> int:
        """Both together."""
        return self.prompt + self.output


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An answer of a model.

    Args:
        text: what it said.
        calls: the tools it calls.
        reasoning: what it thought, if the vendor shows it.
        finish: the finish reason; None = `stop`, or the vendor's for calls.
        usage: what it reports; None = counted by the rule of `tokens`.
    """

    text: str = ""
    calls: tuple[Call, ...] = ()
    reasoning: str = ""
    finish: str | None = None
    usage: Usage | None = None

    @property
    def output(self) -> int:
        """Tokens of everything said, by the rule of `tokens`."""
        calls = call_tokens((call.name, call.text) for call in self.calls)
        return tokens(self.text) + tokens(self.reasoning) + calls


Model = Callable[[Json], Said]
"""A model: from the request's JSON to what it says."""

Answer = str | Said | Sequence[str | Said] | Callable[[Json], "str | Said"]
"""What a test may give as an answer: a text, several one after the other, or a function."""


def model_of(answer: Answer) -> Model:
    """Return an answer as a model; a list's last answer is repeated when it is used up.

    Raises:
        ValueError: an empty list.
    """
    if callable(answer):
        return lambda request: said(answer(request))
    if isinstance(answer, str | Said):
        return lambda _request: said(answer)
    return _Reading(answer)


def said(answer: str | Said) -> Said:
    """Return an answer as a value."""
    return Said(text=answer) if isinstance(answer, str) else answer


class _Reading:
    """Gives the answers of a list, one after the other."""

    def __init__(self, answers: Sequence[str | Said]) -> None:
        if not answers:
            raise ValueError("a list of answers needs at least one")
        self._answers = [said(answer) for answer in answers]
        self._next = 0
        self._lock = threading.Lock()

    def __call__(self, _request: Json) -> Said:
        with self._lock:
            answer = self._answers[min(self._next, len(self._answers) - 1)]
            self._next += 1
        return answer


def echo(request: Json) -> Said:
    """Say the last user message again."""
    return Said(text=last_text(request, "user"))


def bounded(answer: Said, request: Json) -> Said:
    """Return an answer that keeps to the request's `stop` and to its output bound."""
    stops = request.get("stop") or ()
    text = answer.text
    for stop in (stops,) if isinstance(stops, str) else stops:
        text = text.split(stop, 1)[0] if stop else text
    bound = output_bound(request)
    if bound is not None and not answer.calls and tokens(text) > bound:
        cut = text.encode("utf-8", "replace")[: bound * 4].decode("utf-8", "ignore")
        return replace(answer, text=cut, finish="length")
    return answer if text is answer.text else replace(answer, text=text)


def output_bound(request: Json) -> int | None:
    """Return the most tokens the caller wants, if he said so."""
    bound = request.get("max_completion_tokens", request.get("max_tokens"))
    return bound if isinstance(bound, int) else None


def last_text(request: Json, role: str) -> str:
    """Return the text of the last message of a role; empty if there is none."""
    for message in reversed(request["messages"]):
        if message["role"] == role:
            return text_of(message)
    return ""


def text_of(message: Mapping[str, Any]) -> str:
    """Return the text of a message, its parts joined."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = (part.get("text") for part in content or ())
    return " ".join(part for part in parts if isinstance(part, str))
