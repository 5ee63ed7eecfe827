"""Tool calls out of fragments that providers number, name and repeat as they like.

A new id or a new name starts a new call, whatever index it carries (Gemini numbers all
calls 0, others leave the index out); id and name are told once, on the first piece.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from freetier.dialects.jsontext import Unreadable, as_dict, as_text, read, write
from freetier.values.chat import ToolCallDelta


class Call:
    """One call that is being put together."""

    __slots__ = ("id", "index", "is_id_ours", "is_told", "name", "pieces", "vendor")

    def __init__(self, index: int) -> None:
        self.index = index
        self.id = ""
        self.name = ""
        self.pieces: list[str] = []
        self.is_id_ours = False
        self.is_told = False
        self.vendor: dict[str, Any] = {}

    @property
    def arguments(self) -> str:
        """Return the arguments so far."""
        return "".join(self.pieces)

    @property
    def is_whole(self) -> bool:
        """Tell whether the arguments are JSON, or there are none."""
        text = self.arguments
        if not text.strip():
            return True
        try:
            read(text.encode("utf-8", "replace"))
        except Unreadable:
            return False
        return True


class Calls:
    """All calls of one answer.

    Args:
        kept: Fields of a call that must come back with the next request.
    """

    __slots__ = ("_by_index", "_kept", "_told", "all")

    def __init__(self, kept: tuple[str, ...]) -> None:
        self._kept = kept
        self._by_index: dict[int, Call] = {}
        self._told = 0
        self.all: list[Call] = []

    def take(self, fragment: object, answer_id: str | None) -> ToolCallDelta | None:
        """Take one fragment; return the event that it makes, if it makes one.

        A piece that came before its call's name is held until the name is known.
        """
        fields = as_dict(fragment)
        function = as_dict(fields.get("function"))
        arguments = _arguments(function.get("arguments"))
        index = fields.get("index")
        call_id, name = as_text(fields.get("id")), as_text(function.get("name"))
        kept = {field: fields[field] for field in self._kept if fields.get(field) is not None}
        if not (call_id or name or arguments or kept):
            return None
        call = self._continued(index, call_id, name, arguments) or self._begun()
        if isinstance(index, int):
            self._by_index[index] = call
        if not call.is_told:
            call.id = call.id or call_id
            call.name = call.name or name
        call.vendor.update(kept)
        if arguments:
            call.pieces.append(arguments)
        if call.name and not call.is_told:  # numbered as they are told: a name may come late
            call.index, self._told = self._told, self._told + 1
        return _told(call, arguments, answer_id)

    def _begun(self) -> Call:
        call = Call(len(self.all))
        self.all.append(call)
        return call

    def _continued(self, index: object, call_id: str, name: str, arguments: str) -> Call | None:
        """Return the call that a fragment goes on with; `None` if it begins one."""
        known = next((call for call in self.all if call_id and call.id == call_id), None)
        if known is not None:
            return known
        if isinstance(index, int):
            call = self._by_index.get(index)
        else:
            call = self.all[-1] if self.all else None
        if call is None or (call_id and _is_other_id(call, name)):
            return None
        if name and call.name and (name != call.name or _repeats(call, call_id, arguments)):
            return None
        return call


def whole_call(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a legacy `function_call` as a fragment of today's form."""
    return {"index": 0, "function": fields}


def rest_of(call: Call) -> ToolCallDelta | None:
    """Return the last piece of a call that was never given arguments: an empty object."""
    if call.arguments.strip():
        return None
    call.pieces.append("{}")
    return ToolCallDelta(call.index, None, None, "{}")


def _is_other_id(call: Call, name: str) -> bool:
    """Tell whether an id that we do not know means another call."""
    has_told_id = bool(call.id) and not call.is_id_ours
    return has_told_id or bool(name and call.name)


def _repeats(call: Call, call_id: str, arguments: str) -> bool:
    """Tell whether the same name without an id begins a second call of the same tool."""
    return not call_id and arguments.startswith("{") and bool(call.pieces) and call.is_whole


def _arguments(value: object) -> str:
    if isinstance(value, str):
        return value
    return write(value).decode() if isinstance(value, dict | list) else ""


def _told(call: Call, arguments: str, answer_id: str | None) -> ToolCallDelta | None:
    if call.is_told:
        return ToolCallDelta(call.index, None, None, arguments) if arguments else None
    if not call.name:
        return None
    call.is_told = True
    if not call.id:
        call.id, call.is_id_ours = _made_id(answer_id, call), True
    return ToolCallDelta(call.index, call.id, call.name, call.arguments)


def _made_id(answer_id: str | None, call: Call) -> str:
    """Make an id that is the same each time the same answer is read."""
    text = f"{answer_id}/{call.index}/{call.name}/{call.arguments}"
    return "call_" + blake2b(text.encode("utf-8", "replace"), digest_size=9).hexdigest()
