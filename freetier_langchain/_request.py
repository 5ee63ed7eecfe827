"""What a model's fields and a call's arguments ask of the router.

RULE: reads names and values, sends nothing. A call's argument wins over a field, a field
over the router's own default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from langchain_core.messages import BaseMessage

from freetier import ChatRequest, Completion, RouteError
from freetier.fields import DEFAULT
from freetier.values.quick import maker
from freetier_langchain._answers import Acceptance
from freetier_langchain._errors import ModelMisconfigured
from freetier_langchain._messages_in import to_core
from freetier_langchain._structured import shape
from freetier_langchain._tools import read_choice, tool_dicts

SAMPLING = (
    "temperature", "top_p", "max_tokens", "seed", "presence_penalty", "frequency_penalty",
    "reasoning_effort",
)  # fmt: skip
"""Parameters that go to the provider under their own names."""

ROUTING: Mapping[str, str] = {
    "deadline": "deadline",
    "attempt_timeout": "timeout",
    "first_content": "first_content",
    "idle": "idle",
    "max_wait": "max_wait",
    "priority": "priority",
    "allow_paid": "allow_paid",
    "allow_training": "allow_training",
    "only": "only",
    "exclude": "exclude",
    "route_tags": "tags",
    "on_stream_break": "on_stream_break",
    "max_cost": "max_cost",
    "fetch_media": "fetch_media",
    "buffer_structured": "buffer_structured",
    "accept": "accept",
}
"""What LangChain's users write, and what the router calls it."""

NOT_ASKED = (
    "deadline", "timeout", "attempt_timeout", "first_content", "idle", "max_wait", "priority",
    "route_tags", "max_cost", "budget", "max_retries", "on_stream_break",
)  # fmt: skip
"""Arguments that an answer does not depend on."""

_ASKED = ("model", "stop", "tools", "tool_choice", "parallel_tool_calls", "response_format")
_FIELDS = frozenset({*SAMPLING, *_ASKED})
_RENAMED = {"max_completion_tokens": "max_tokens", "timeout": "deadline", "tags": "route_tags"}

# What says nothing; 0 and False do say something.
_NOTHING: tuple[Any, ...] = (None, "", [], ())

# LangChain's own marks, which are not always taken off before a model is called.
_MARKS = frozenset(
    {"stream", "stream_usage", "ls_structured_output_format", "structured_output_format"}
)
_KNOWN = frozenset(
    {*SAMPLING, *ROUTING, *_ASKED, *_RENAMED, "max_retries", "model_kwargs", "budget"}
)


_request = maker(ChatRequest)


@dataclass(slots=True)
class Verdict:
    """An acceptance that remembers what it turned down last, for callers who want it."""

    acceptance: Acceptance
    rejected: Completion | None = None

    def __call__(self, completion: Completion) -> None:
        """Judge an answer."""
        try:
            self.acceptance(completion)
        except Exception:
            self.rejected = completion
            raise


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the router.

    Attributes:
        request: The conversation.
        fields: More of the request, in the OpenAI shape.
        options: Overrides of the router's defaults.
        verdict: Judges answers of a shape, if the caller wants unreadable ones after all.
    """

    request: ChatRequest
    fields: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    verdict: Verdict | None = None

    def streamed(self) -> Call:
        """Return the same call for a stream.

        What has been passed on cannot be asked for again, so a caller who wants unreadable
        answers after all gets them without a judge.
        """
        if self.verdict is None:
            return self
        options = {name: value for name, value in self.options.items() if name != "accept"}
        return replace(self, options=options, verdict=None)

    def rescued(self, error: RouteError) -> Completion:
        """Return the last answer that was turned down, for callers who want it after all.

        Raises:
            RouteError: There is none, or nobody wants it.
        """
        if self.verdict is None or self.verdict.rejected is None:
            raise error
        return self.verdict.rejected

    def arguments(self) -> dict[str, Any]:
        """Return what the router is called with besides the request."""
        return {**self.fields, **self.options}


def call(
    messages: Sequence[BaseMessage],
    own: Mapping[str, Any],
    given: Mapping[str, Any],
    otherwise: Mapping[str, Any] | None = None,
) -> Call:
    """Put a model's fields and a call's arguments together.

    Args:
        messages: The conversation.
        own: The model's fields.
        given: The call's arguments, `stop` among them.
        otherwise: Routing options by the router's names, where neither of them says any.

    Raises:
        ModelMisconfigured: An argument is unknown, or what it says cannot be done.
    """
    said = _read(given)
    every = {
        name: value
        for given_here in (_read(own), said)
        for name, value in given_here.items()
        if value is not None or name == "max_wait"
    }
    extra = {**(own.get("model_kwargs") or {}), **(said.get("model_kwargs") or {})}
    check_extra(extra)
    options = {**(otherwise or {}), **_options(every)}
    return Call(
        request=_request(messages=to_core(messages), extra=extra),
        fields=_fields(every),
        options=options,
        verdict=_verdict(options),
    )


def _read(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments by the names used here; raise if one has none."""
    said = {_RENAMED.get(name, name): value for name, value in given.items() if name not in _MARKS}
    _refuse_several(said)
    said.pop("n", None)
    for name in said:
        if name not in _KNOWN:
            raise ModelMisconfigured(f"unknown argument {name!r}; {_hint(name)}")
    return said


def _hint(name: str) -> str:
    near = get_close_matches(name, _KNOWN, n=1)
    meant = f"did you mean {near[0]!r}? " if near else ""
    return f"{meant}what only some vendors know goes into model_kwargs"


def check_extra(extra: Mapping[str, Any]) -> None:
    """Check parameters that are passed on as they are.

    Raises:
        ModelMisconfigured: One has a place of its own, or asks for several answers.
    """
    _refuse_several(extra)
    for name in extra:
        if name in _KNOWN:
            raise ModelMisconfigured(f"{name!r} is an argument of its own", where="model_kwargs")


def _refuse_several(given: Mapping[str, Any]) -> None:
    if given.get("n") not in (None, 1):
        raise ModelMisconfigured(f"one answer per call, not {given['n']}; call again", where="n")


def _fields(every: Mapping[str, Any]) -> dict[str, Any]:
    fields = {n: value for n, value in every.items() if n in _FIELDS and value not in _NOTHING}
    tools = tool_dicts(fields.pop("tools", ()))
    choice = read_choice(fields.pop("tool_choice", None), tools)
    if tools:
        fields["tools"] = tools
    if choice is not None:
        fields["tool_choice"] = choice
    if isinstance(fields.get("response_format"), type):
        fields["response_format"] = shape(fields["response_format"])
    return fields


def _options(every: Mapping[str, Any]) -> dict[str, Any]:
    options = {
        ROUTING[name]: value
        for name, value in every.items()
        if name in ROUTING and value != DEFAULT
    }
    if every.get("max_retries") is not None:
        options["attempts"] = every["max_retries"] + 1
    if options.get("on_stream_break") == "restart":
        raise ModelMisconfigured(
            "a chain cannot take back what it has passed on; give 'raise' or 'continue'",
            where="on_stream_break",
        )
    return options


def _verdict(options: dict[str, Any]) -> Verdict | None:
    accept = options.get("accept")
    if not isinstance(accept, Acceptance) or not accept.is_lenient:
        return None
    options["accept"] = verdict = Verdict(accept)
    return verdict
