"""Filling in a JSON schema, so that a fake model can answer any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil, inf
from typing import Any

from freetier.testing.jsons import JsonValue

Schema = Mapping[str, Any]
DEEPEST = 12

FORMATS: Mapping[str, str] = {
    "date": "2026-11-21",
    "date-time": "2026-11-21T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "email": "ada@example.org",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
    "uri": "https://example.org/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


@dataclass(slots=True)
class Source:
    """Where values come from: what a prompt holds, used up one after the other.

    Args:
        texts: for strings.
        numbers: for integers and numbers.
        prompt: for choosing among the values of an enumeration.
    """

    texts: list[str] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)
    prompt: str = ""


def filled(schema: Schema, source: Source) -> JsonValue:
    """Return a value that fits a schema (draft 2020-12 without patterns and conditions)."""
    return _Filler(schema, source).value(schema, "value", 0)


@dataclass(frozen=True, slots=True)
class _Filler:
    root: Schema
    source: Source

    def value(self, schema: JsonValue, name: str, depth: int) -> JsonValue:
        if not isinstance(schema, Mapping):
            return f"some {name}"
        schema = self.resolved(schema)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self.chosen(schema["enum"])
        maker = self.makers().get(kind_of(schema), self.makers()["string"])
        return maker(schema, name, depth)

    def makers(self) -> Mapping[str, Callable[[Schema, str, int], Any]]:
        return {
            "object": self.members,
            "array": self.items,
            "string": self.text,
            "integer": lambda schema, _name, _depth: ceil(self.number(schema, step=1)),
            "number": lambda schema, _name, _depth: self.number(schema, step=0.5),
            "boolean": lambda _schema, _name, _depth: True,
            "null": lambda _schema, _name, _depth: None,
        }

    def resolved(self, schema: Schema) -> Schema:
        """Follow references, and take the first choice that is not null."""
        for _ in range(DEEPEST):
            if "$ref" in schema:
                schema = self.referred(schema["$ref"])
            elif "allOf" in schema:
                schema = merged([self.resolved(part) for part in schema["allOf"]], schema)
            elif choices := schema.get("anyOf") or schema.get("oneOf"):
                schema = next((c for c in choices if c.get("type") != "null"), choices[0])
            else:
                break
        return schema

    def referred(self, reference: str) -> Schema:
        target: Any = self.root
        for step in reference.removeprefix("#").strip("/").split("/"):
            if step:
                target = target[step.replace("~1", "/").replace("~0", "~")]
        return target if isinstance(target, Mapping) else {}

    def members(self, schema: Schema, _name: str, depth: int) -> dict[str, Any]:
        properties = schema.get("properties") or {}
        names = [name for name in schema.get("required", properties) if name in properties]
        if depth >= DEEPEST:
            return {}
        return {name: self.value(properties[name], name, depth + 1) for name in names}

    def items(self, schema: Schema, name: str, depth: int) -> list[Any]:
        least = schema.get("minItems", 1 if depth < DEEPEST else 0)
        count = min(least, schema.get("maxItems", least))
        shapes = schema.get("prefixItems") or [schema.get("items", {"type": "string"})] * count
        return [self.value(shape, name, depth + 1) for shape in shapes]

    def text(self, schema: Schema, name: str, _depth: int) -> str:
        if schema.get("format") in FORMATS:
            return FORMATS[schema["format"]]
        text = self.source.texts.pop(0) if self.source.texts else f"some {name}"
        text = text.ljust(schema.get("minLength", 0), ".")
        return text[: schema.get("maxLength", len(text))]

    def number(self, schema: Schema, step: float) -> float:
        numbers = self.source.numbers
        value = numbers.pop(0) if numbers else 1.0
        low = max(schema.get("minimum", -inf), schema.get("exclusiveMinimum", -inf) + step)
        high = min(schema.get("maximum", inf), schema.get("exclusiveMaximum", inf) - step)
        return float(max(low, min(high, value)))

    def chosen(self, values: list[Any]) -> JsonValue:
        prompt = self.source.prompt.lower()
        named = (v for v in values if isinstance(v, str) and v.lower() in prompt)
        return next(named, values[0])


def kind_of(schema: Schema) -> str:
    """Return the type a schema asks for; the first that is not null, if it names several."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((k for k in kind if k != "null"), "null")
    if isinstance(kind, str):
        return kind
    return "object" if "properties" in schema else "string"


def merged(parts: list[Schema], schema: Schema) -> Schema:
    """Return the parts of an `allOf` as one schema."""
    rest = {key: value for key, value in schema.items() if key != "allOf"}
    properties: dict[str, Any] = {}
    required: list[str] = []
    whole: dict[str, Any] = {}
    for part in [*parts, rest]:
        properties |= part.get("properties", {})
        required += part.get("required", ())
        whole |= part
    if properties:
        whole |= {"properties": properties, "required": required or list(properties)}
    return whole
