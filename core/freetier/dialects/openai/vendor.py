"""What a provider wants back with the next request: fields of a turn and of its calls.

The note of an answer is `{"message": {field: value}, "calls": {call id: {field: value}}}`;
it travels with the message and goes back to the same provider and family only
(decisions 8, history passport).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from freetier.dialects.jsontext import as_dict
from freetier.dialects.openai.calls import Call
from freetier.values.accounts import Candidate
from freetier.values.chat import Json, Message


def note(message: Json, calls: Iterable[Call]) -> dict[str, Any]:
    """Return what must come back, empty if nothing must."""
    signed = {call.id: dict(call.vendor) for call in calls if call.vendor}
    kept: dict[str, Any] = {"message": dict(message)} if message else {}
    if signed:
        kept["calls"] = signed
    return kept


def returned(message: Message, candidate: Candidate) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields of a turn, and of its calls by id, that go back to a candidate."""
    data = message.vendor.get((candidate.provider.name, candidate.model.family))
    if not data:
        return {}, {}
    wanted = candidate.quirks.message_fields
    fields = _only(data.get("message"), wanted)
    calls = as_dict(data.get("calls"))
    return fields, {call_id: _only(signed, wanted) for call_id, signed in calls.items()}


def merged(before: object, more: object) -> object:
    """Put two pieces of one streamed field together.

    Texts and objects grow; items of lists are joined where they carry the same `index`.
    """
    if isinstance(before, str) and isinstance(more, str):
        return before + more
    if isinstance(before, dict) and isinstance(more, dict):
        return {**before, **{key: _grown(before.get(key), value) for key, value in more.items()}}
    if isinstance(before, list) and isinstance(more, list):
        items = list(before)
        for item in more:
            _add(items, item)
        return items
    return before if more is None else more


def _add(items: list[Any], item: object) -> None:
    index = as_dict(item).get("index")
    last = as_dict(items[-1]) if items else {}
    is_same = index is not None and last.get("index") == index
    if is_same and last.get("type") == as_dict(item).get("type"):
        items[-1] = merged(last, item)
    else:
        items.append(item)


def _grown(before: object, more: object) -> object:
    """Grow a field; a text that is repeated, such as a type or an id, stays as it is."""
    return before if before == more else merged(before, more)


def _only(fields: object, wanted: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in as_dict(fields).items() if name in wanted}
