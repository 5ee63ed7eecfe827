"""What a model's fields and a call's arguments ask of the router.

RULE: reads names and values, sends nothing. A call's argument wins over a field, a field
over the router's own default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from llama_index.core.base.llms.types import ChatMessage
from pydantic import BaseModel

from freetier.errors import ConfigError
from freetier.fields import DEFAULT
from freetier.values.chat import ChatRequest
from freetier.values.reports import Completion
from freetier_llamaindex._calls import check_arguments
from freetier_llamaindex._messages import to_core
from freetier_llamaindex._tools import choice_of, tool_dicts
from freetier_llamaindex.events import Telling

SAMPLING = (
    "temperature", "top_p", "max_tokens", "seed", "presence_penalty", "frequency_penalty",
    "reasoning_effort", "stop",
)  # fmt: skip
"""Parameters that go to the provider under their own names."""

ROUTING: Mapping[str, str] = {
    "timeout": "deadline",
    "deadline": "deadline",
    "attempt_timeout": "timeout",
    "max_retries": "attempts",
    "attempts": "attempts",
    "connect": "connect",
    "first_content": "first_content",
    "idle": "idle",
    "max_wait": "max_wait",
    "priority": "priority",
    "allow_paid": "allow_paid",
    "allow_training": "allow_training",
    "only": "only",
    "exclude": "exclude",
    "route_tags": "tags",
    "tags": "tags",
    "on_stream_break": "on_stream_break",
    "max_cost": "max_cost",
    "fetch_media": "fetch_media",
    "accept": "accept",
    "buffer_structured": "buffer_structured",
}
"""What users of LlamaIndex write, and what the router calls it."""

EXTRA = "additional_kwargs"
"""Parameters that only some providers know; what has a place of its own goes there."""


_ASKED = ("model", "tools", "tool_choice", "parallel_tool_calls", "response_format")
_KNOWN = frozenset(
    {*SAMPLING, *ROUTING, *_ASKED, EXTRA, "listener", "cancel", "hedge", "fetch_media"}
)

Judge = Callable[[Completion], Any]
"""Raises what is wrong with an answer, which then goes on to the next candidate."""


@dataclass(frozen=True, slots=True)
class _Judges:
    """Asks several, one after the other."""

    judges: tuple[Judge, ...]

    def __call__(self, completion: Completion) -> None:
        for judge in self.judges:
            judge(completion)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call of the router.

    Attributes:
        request: The conversation.
        given: More of the request, and routing options, by the router's names.
        one_call: Whether the caller refused parallel tool calls.
    """

    request: ChatRequest
    given: Mapping[str, Any]
    one_call: bool = False

    def told(self, telling: Telling) -> dict[str, Any]:
        """Return what is given, and who is told of each step, besides the caller's own."""
        telling.other = self.given.get("listener")
        return {**self.given, "listener": telling}


def asked(
    messages: Sequence[ChatMessage],
    own: Mapping[str, Any],
    said: Mapping[str, Any],
    judge: Judge | None = None,
) -> Asked:
    """Put a model's fields and a call's arguments together.

    Args:
        messages: The conversation.
        own: The model's fields.
        said: The call's arguments.
        judge: Judges the answer besides the caller's own `accept`.

    Raises:
        ConfigError: A message, a tool or an argument cannot be used; the text names it.
    """
    _check_names(said)
    given, extra = _sorted(own, said)
    _read_tools(given)
    judges = [check_arguments if "tools" in given else None, judge, given.pop("accept", None)]
    if any(judges):
        given["accept"] = _Judges(tuple(one for one in judges if one))
    return Asked(
        request=ChatRequest(messages=to_core(messages), extra=extra),
        given=given,
        one_call=given.get("parallel_tool_calls") is False,
    )


def _sorted(*sources: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the router knows, by its names, and what only some providers know.

    Args:
        *sources: A later one wins.
    """
    given: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for source in sources:
        further = source.get(EXTRA) or {}
        refuse_several(further)
        for name, value in (*source.items(), *further.items()):
            if name in {EXTRA, "n"} or not _is_said(name, value):
                continue
            if name in ROUTING:
                given[ROUTING[name]] = _routing(name, value)
            elif name in _KNOWN:
                given[name] = value
            else:
                extra[name] = value
    return given, extra


def _check_names(said: Mapping[str, Any]) -> None:
    """Raise if the router has no argument of a name; say where else it may go."""
    refuse_several(said)
    for name in said:
        if name not in _KNOWN and name != "n":
            near = get_close_matches(name, _KNOWN, n=1)
            meant = f"did you mean {near[0]!r}? " if near else ""
            raise ConfigError(
                f"unknown argument {name!r}; {meant}what only some vendors know goes into {EXTRA}"
            )


def refuse_several(given: Mapping[str, Any]) -> None:
    """Raise `ConfigError` if several answers are asked for at once."""
    if given.get("n") not in (None, 1):
        raise ConfigError(f"one answer per call, not {given['n']!r}; call again", where="n")


def _is_said(name: str, value: object) -> bool:
    if name == "max_wait":
        return value != DEFAULT
    return value is not None


def _routing(name: str, value: Any) -> Any:
    if name == "max_retries":
        return value + 1
    if name == "on_stream_break" and value == "restart":
        raise ConfigError(
            "what was streamed into LlamaIndex cannot be taken back; give 'raise' or 'continue'",
            where="on_stream_break",
        )
    return value


def _read_tools(given: dict[str, Any]) -> None:
    """Bring tools, choice and shape into forms the router reads; tools may be LlamaIndex's."""
    tools = tool_dicts(given.pop("tools", ()))
    choice = choice_of(given.pop("tool_choice", None), tools)
    if tools:
        given["tools"] = tools
    if choice is not None:
        given["tool_choice"] = choice
    shape = given.get("response_format")
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        schema = {"name": shape.__name__, "schema": shape.model_json_schema()}
        given["response_format"] = {"type": "json_schema", "json_schema": schema}
