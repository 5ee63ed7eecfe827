"""From an item of a job to a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from freetier.errors import ConfigError
from freetier.shapes import asked as shapes
from freetier.shapes.asked import Asked
from freetier.values.chat import ChatRequest

Ask = Callable[[Any], Any]
"""From an item to what `complete` takes first, or to a mapping of request fields."""


def request_of(item: Any, ask: Ask | None, given: Mapping[str, Any]) -> ChatRequest:
    """Return the request of an item.

    Args:
        item: A text, messages or one of them, a `ChatRequest`, or a mapping of request fields
            with `messages`.
        ask: Makes one of these of an item that is something else.
        given: Request fields of the whole job; those of the item win.

    Raises:
        ConfigError: It is nothing of that, or a field is unknown.
    """
    what = item if ask is None else ask(item)
    if not isinstance(what, Mapping):
        return shapes.request(what, dict(given))
    if "role" in what:
        return shapes.request([what], dict(given))
    fields = {**given, **what}
    messages: Asked | None = fields.pop("messages", None)
    if messages is None:
        raise ConfigError(
            "a mapping needs `messages`; of other rows make a text with `ask=lambda row: ...`"
        )
    return shapes.request(messages, fields)
