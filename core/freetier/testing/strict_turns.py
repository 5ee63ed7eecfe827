"""Are these messages a conversation that the vendor would take?"""

from __future__ import annotations

import re
from itertools import pairwise

from freetier.testing.jsons import Json, JsonValue
from freetier.testing.rejection import Rejection, bad, extra
from freetier.testing.styles.form import FieldRules

PARTS = {
    "text": "text",
    "refusal": "refusal",
    "image_url": "image_url",
    "input_audio": "input_audio",
    "file": "file",
    "thinking": "thinking",
}
"""Which member each type of part must have."""


def check_turns(body: Json, rules: FieldRules, *, strict: bool) -> None:
    """Refuse a conversation that breaks the common rules or, if strict, the vendor's.

    Raises:
        Rejection: with the kind `bad_request`, `extra_field` or `bad_call_id`.
    """
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise bad("messages", "must be a list with at least one message")
    for number, message in enumerate(messages):
        _check_turn(message, f"messages.{number}", rules)
        if strict:
            _check_members(message, number, rules)
    _check_pairs(messages)
    if strict:
        _check_order(messages, rules)


def _check_turn(message: JsonValue, where: str, rules: FieldRules) -> None:
    if not isinstance(message, dict):
        raise bad(where, "must be a message")
    role = message.get("role")
    if role not in rules.roles:
        raise bad(f"{where}.role", f"unknown role {role!r}")
    content = message.get("content")
    if isinstance(content, list):
        for number, part in enumerate(content):
            _check_part(part, f"{where}.content.{number}")
    elif content is None:
        if role != "assistant" or not message.get("tool_calls"):
            raise bad(f"{where}.content", "must not be empty")
    elif not isinstance(content, str):
        raise bad(f"{where}.content", "must be a text or a list of parts")
    for number, call in enumerate(message.get("tool_calls") or ()):
        _check_call(call, f"{where}.tool_calls.{number}")


def _check_part(part: JsonValue, where: str) -> None:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind not in PARTS or PARTS[kind] not in part:
        raise bad(where, f"unknown part of type {kind!r}")
    if kind == "image_url":
        url = part["image_url"].get("url") if isinstance(part["image_url"], dict) else None
        if not isinstance(url, str) or not url.startswith(("data:", "http://", "https://")):
            raise bad(f"{where}.image_url", "must have the URL of a picture")
    if kind == "text" and not isinstance(part["text"], str):
        raise bad(f"{where}.text", "must be a text")


def _check_call(call: JsonValue, where: str) -> None:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or call.get("type", "function") != "function":
        raise bad(where, "must be a call of a function")
    if not isinstance(call.get("id"), str) or not call["id"]:
        raise bad(f"{where}.id", "must be a text")
    for name in ("name", "arguments"):
        if not isinstance(function.get(name), str):
            raise bad(f"{where}.function.{name}", "must be a text")


def _check_members(message: Json, number: int, rules: FieldRules) -> None:
    known = None if rules.message is None else rules.message[message["role"]]
    for name in message:
        if known is not None and name not in known:
            raise extra(["messages", number, name], message[name])
    ids = [call["id"] for call in message.get("tool_calls") or ()]
    ids += [message["tool_call_id"]] if "tool_call_id" in message else []
    for value in ids:
        if rules.call_id is not None and not re.fullmatch(rules.call_id, value):
            raise Rejection("bad_call_id", f"id {value!r} of a tool call", value=value)


def _check_pairs(messages: list[Json]) -> None:
    """Each call is answered before anybody else speaks, and each answer has a call."""
    waiting: list[str] = []
    for number, message in enumerate(messages):
        where = f"messages.{number}"
        if message["role"] == "tool":
            if message.get("tool_call_id") not in waiting:
                raise bad(where, "role 'tool' must follow a message with matching tool_calls")
            waiting.remove(message["tool_call_id"])
            continue
        if waiting:
            raise bad(where, f"tool calls without an answer: {', '.join(waiting)}")
        waiting = [call["id"] for call in message.get("tool_calls") or ()]
        if len(set(waiting)) < len(waiting):
            raise bad(f"{where}.tool_calls", "two calls have the same id")
    if waiting:
        raise bad("messages", f"tool calls without an answer: {', '.join(waiting)}")


def _check_order(messages: list[Json], rules: FieldRules) -> None:
    roles = [message["role"] for message in messages]
    if rules.systems is not None and roles.count("system") > rules.systems:
        raise bad("messages", "only one system message is supported")
    if not rules.user_after_tool and ("tool", "user") in pairwise(roles):
        raise bad("messages", "Unexpected role 'user' after role 'tool'")
