"""Forms that single vendors do not take: of settings, of tools, of schemas, of contents."""

from __future__ import annotations

from fnmatch import fnmatchcase

from freetier.testing.jsons import Json, JsonValue
from freetier.testing.rejection import bad
from freetier.testing.styles.form import FieldRules


def check_forms(body: Json, rules: FieldRules) -> None:
    """Refuse what is well-formed, but not in the forms that the vendor takes.

    Raises:
        Rejection: with the kind `bad_request`.
    """
    _check_settings(body, rules)
    choice = body.get("tool_choice")
    word = "named" if isinstance(choice, dict) else choice
    if word is not None and rules.choices is not None and word not in rules.choices:
        raise bad("tool_choice", f"the choice {word!r} is not supported")
    functions = [tool["function"] for tool in body.get("tools") or ()]
    flags = {bool(function.get("strict")) for function in functions}
    if not rules.strict_mixed and len(flags) > 1:
        raise bad("tools", "strict and non-strict tools may not be mixed")
    for number, function in enumerate(functions):
        for keyword in rules.root_keywords.intersection(function.get("parameters") or ()):
            raise bad(f"tools.{number}.function.parameters", f"{keyword} at the root")
    shape = body.get("response_format") or {}
    if rules.closed and not is_closed(shape.get("json_schema", {}).get("schema", {})):
        raise bad("response_format.json_schema.schema", "additionalProperties must be false")
    for number, message in enumerate(body["messages"]):
        _check_content(message, f"messages.{number}.content", rules)


def is_closed(schema: JsonValue) -> bool:
    """Return whether every object of a schema that lists members forbids all others."""
    if isinstance(schema, list):
        return all(map(is_closed, schema))
    if not isinstance(schema, dict):
        return True
    is_open = "properties" in schema and schema.get("additionalProperties") is not False
    inside = [v for k, v in schema.items() if k not in {"enum", "const", "default", "required"}]
    return not is_open and all(map(is_closed, inside))


def _check_settings(body: Json, rules: FieldRules) -> None:
    given = sorted(name for name in rules.apart if body.get(name) is not None)
    if len(given) > 1:
        raise bad(given[0], f"cannot be used together with {given[1]}")
    effort = body.get("reasoning_effort")
    for pattern, words in rules.efforts.items():
        if effort is not None and effort not in words and fnmatchcase(body["model"], pattern):
            raise bad("reasoning_effort", f"must be one of {', '.join(sorted(words))}")


def _check_content(message: Json, where: str, rules: FieldRules) -> None:
    content = message.get("content", "")
    if content is None and not rules.null_content:
        raise bad(where, "must not be null")
    parts = content if isinstance(content, list) else []
    if parts and not rules.text_arrays and all(part["type"] == "text" for part in parts):
        raise bad(where, "must be a text")
    for part in parts:
        url = part.get("image_url", {}).get("url", "data:")
        if not rules.image_urls and not url.startswith("data:"):
            raise bad(where, "images are taken by content only")
