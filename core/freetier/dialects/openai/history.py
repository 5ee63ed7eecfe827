"""A conversation made fit to be continued by a provider that did not begin it.

Every call gets exactly one answer, straight after its turn, under an id the provider
takes; an answer without a call becomes words of the user; a call without an answer is
said not to have been run. Nothing is thrown away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from freetier.dialects.openai.ids import wire_id
from freetier.dialects.openai.parts import media_of, text_of
from freetier.values.chat import MediaPart, Message, TextPart, ToolCall
from freetier.values.quick import quick
from freetier.values.quirks import Quirks

NOT_RUN = "The call was not run."
NO_OUTPUT = "(no output)"


@quick
@dataclass(frozen=True, slots=True)
class Turn:
    """One message as it will be sent; `call_ids` are the ids of its calls on the wire."""

    message: Message
    call_ids: tuple[str, ...] = ()


def turns(messages: Sequence[Message], quirks: Quirks) -> list[Turn]:
    """Return the conversation in the order it is sent."""
    if not any(message.tool_calls or message.role == "tool" for message in messages):
        return [Turn(message) for message in messages]
    seen: dict[str, int] = {}
    out: list[Turn] = []
    for calling, following in _segments(messages):
        if calling is None:
            out.extend(map(_orphan_or_plain, following))
            continue
        ids = _wire_ids(calling.tool_calls, seen, quirks)
        out.append(Turn(calling, ids))
        out.extend(_answered(calling, ids, following, quirks))
    return out


def _segments(messages: Sequence[Message]) -> Iterator[tuple[Message | None, list[Message]]]:
    """Yield each turn with calls and what follows it, up to the next such turn."""
    calling: Message | None = None
    following: list[Message] = []
    for message in messages:
        if message.role == "assistant" and message.tool_calls:
            yield calling, following
            calling, following = message, []
        else:
            following.append(message)
    yield calling, following


def _wire_ids(calls: tuple[ToolCall, ...], seen: dict[str, int], quirks: Quirks) -> tuple[str, ...]:
    ids = []
    for call in calls:
        again = seen.get(call.id, 0)
        seen[call.id] = again + 1
        ids.append(wire_id(call.id, quirks.tool_id, again))
    return tuple(ids)


def _answered(
    calling: Message, ids: tuple[str, ...], following: list[Message], quirks: Quirks
) -> list[Turn]:
    """Return the answers of all calls, then the media they held, then everything else."""
    open_calls = list(zip(calling.tool_calls, ids, strict=True))
    answers: list[Turn] = []
    media: list[Turn] = []
    rest: list[Turn] = []
    for message in following:
        match = _match(message, open_calls) if message.role == "tool" else None
        if match is None:
            rest.append(_orphan_or_plain(message))
            continue
        open_calls.remove(match)
        answers.append(_answer(message, match[1], quirks))
        media.extend(_apart(message, match[0], quirks))
    answers.extend(_not_run(wire) for _, wire in open_calls)
    return [*answers, *media, *rest]


def _match(answer: Message, open_calls: list[tuple[ToolCall, str]]) -> tuple[ToolCall, str] | None:
    """Return the call an answer belongs to: by id, else, if it has none, by name or order."""
    if answer.tool_call_id:
        found = (pair for pair in open_calls if pair[0].id == answer.tool_call_id)
        return next(found, None)
    by_name = (pair for pair in open_calls if pair[0].name == answer.name)
    return next(by_name, open_calls[0] if open_calls else None)


def _answer(message: Message, wire: str, quirks: Quirks) -> Turn:
    content = text_of(message.content) if quirks.tool_text_only else message.content
    return Turn(replace(message, content=content or NO_OUTPUT, tool_call_id=wire))


def _apart(message: Message, call: ToolCall, quirks: Quirks) -> list[Turn]:
    """Return the media of a tool's answer as words of the user, where tools answer in text."""
    media = media_of(message.content) if quirks.tool_text_only else ()
    return [_of_user(f"What the tool {call.name} returned:", media)] if media else []


def _not_run(wire: str) -> Turn:
    return Turn(Message(role="tool", content=NOT_RUN, tool_call_id=wire))


def _orphan_or_plain(message: Message) -> Turn:
    if message.role != "tool":
        return Turn(message)
    tool = f" {message.name}" if message.name else ""
    text = f"A tool{tool} returned: {text_of(message.content) or NO_OUTPUT}"
    return _of_user(text, media_of(message.content))


def _of_user(text: str, media: tuple[MediaPart, ...]) -> Turn:
    return Turn(Message(role="user", content=(TextPart(text), *media) if media else text))
