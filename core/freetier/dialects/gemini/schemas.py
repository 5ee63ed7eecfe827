"""JSON schemas in the part of JSON Schema that Gemini takes.

Its `Schema` (https://ai.google.dev/api/caching#Schema) is a fixed message: one keyword that
it does not know fails the whole request, a type is one word, and nothing can be referred to.
What only bounds a value more closely is told in the description instead; what cannot be
said at all is an error that names its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from freetier.dialects.gemini.flatten import DEPTH_MAX, flat, merged
from freetier.dialects.gemini.kinds import kinds_of, simple, values_of
from freetier.dialects.jsontext import write
from freetier.values.chat import Json

KEYWORDS: Final = frozenset(
    {"type", "format", "description", "nullable", "enum", "items", "properties", "required"}
    | {"anyOf", "propertyOrdering", "minItems", "maxItems", "minProperties", "maxProperties"}
    | {"minLength", "maxLength", "pattern", "minimum", "maximum"}
)
"""All that ever stands in a restricted schema."""

UNSAYABLE: Final = frozenset(
    {"not", "if", "patternProperties", "dependentSchemas", "contains"}
    | {"$dynamicRef", "$recursiveRef"}
)
"""Keywords without which a schema would mean something else."""

NODES_MAX = 5_000
"""Schemas within one; references may unfold into any number."""

Schema = dict[str, Any]


def restricted(schema: Json, place: str, *, sizes: bool) -> Schema:
    """Return a schema as Gemini takes it.

    Args:
        schema: Any JSON schema, with `$ref` into itself.
        place: Where it stands in the request, for error texts.
        sizes: Whether bounds on sizes and ranges may be said; those of an answer were seen
            to be refused (live-0924).

    Raises:
        ValueError: It cannot be said; names the place.
    """
    return _Restriction(schema, sizes=sizes).schema(schema, place, 0, refs=("#",))


class _Restriction:
    """Restricts all schemas within one root."""

    def __init__(self, root: Json, *, sizes: bool) -> None:
        self._root = root
        self._sizes = sizes
        self._nodes = 0

    def schema(
        self, given: object, place: str, depth: int, *, refs: tuple[str, ...] = (),
        nullable: bool = False,
    ) -> Schema:  # fmt: skip
        """Return one schema and all within it."""
        self._nodes += 1
        if depth > DEPTH_MAX or self._nodes > NODES_MAX:
            raise ValueError(f"{place[:200]}: the schema is too deep or too large")
        found, refs = flat(given, self._root, place, refs)
        if keyword := next((word for word in found if word in UNSAYABLE), None):
            raise ValueError(f"{place}: {keyword!r} cannot be said to this provider")
        branches = found.pop("anyOf", None) or found.pop("oneOf", None)
        found.pop("oneOf", None)
        if branches:
            return self._any_of(found, branches, place, depth, (refs, nullable))
        kinds, may_be_null = kinds_of(found, place)
        nullable = nullable or may_be_null
        made = [self._of_kind(kind, found, place, depth, refs) for kind in kinds]
        return _choice(made, nullable=nullable)

    def _any_of(
        self, beside: Schema, branches: object, place: str, depth: int,
        known: tuple[tuple[str, ...], bool],
    ) -> Schema:  # fmt: skip
        """Return a choice; what stands beside it holds for each branch, null is a flag."""
        if not isinstance(branches, Sequence) or isinstance(branches, str):
            raise ValueError(  # noqa: TRY004 - what the port says
                f"{place}: a choice is a list of schemas"
            )
        refs, nullable = known
        made: list[Schema] = []
        for number, branch in enumerate(branches):
            where = f"{place}.anyOf.{number}"
            inner, deeper = flat(branch, self._root, where, refs)
            if inner.get("type") == "null":
                nullable = True
                continue
            both = merged(beside, inner, where)
            made.append(self.schema(both, where, depth + 1, refs=deeper))
        return _choice(made, nullable=nullable)

    def _of_kind(
        self, kind: str, found: Schema, place: str, depth: int, refs: tuple[str, ...]
    ) -> Schema:
        """Return a schema of one type."""
        made, notes = simple(kind, found, sizes=self._sizes)
        if kind == "object":
            made |= self._members(found, place, depth, refs)
            notes += _free_members(found)
        elif kind == "array":
            made["items"] = self.schema(
                _items(found, place), f"{place}.items", depth + 1, refs=refs
            )
        description = found.get("description")
        words = description if isinstance(description, str) else ""
        if notes:
            words = f"{words} ({'; '.join(notes)})".lstrip()
        return {**made, "description": words} if words else made

    def _members(self, found: Schema, place: str, depth: int, refs: tuple[str, ...]) -> Schema:
        properties = found.get("properties")
        if not isinstance(properties, Mapping) or not properties:
            return {}
        inside = {
            str(name): self.schema(value, f"{place}.properties.{name}", depth + 1, refs=refs)
            for name, value in properties.items()
        }
        required = [name for name in values_of(found.get("required")) if name in inside]
        made: Schema = {"properties": inside, "propertyOrdering": list(inside)}
        return {**made, "required": list(dict.fromkeys(required))} if required else made


def _choice(made: list[Schema], *, nullable: bool) -> Schema:
    """Return one schema for several; `anyOf` must stand alone, so null is said inside it."""
    branches: list[Schema] = []
    for schema in made:
        for branch in schema.get("anyOf") or [schema]:
            if branch not in branches:
                branches.append(branch)
    if not branches:
        return {"type": "NULL"}
    if nullable and branches[0]["type"] != "NULL":
        branches[0] = {**branches[0], "nullable": True}
    return branches[0] if len(branches) == 1 else {"anyOf": branches}


def _items(found: Schema, place: str) -> object:
    """Return what a list holds; a tuple only if all its places hold the same."""
    places = found.get("prefixItems")
    if not places:
        items = found.get("items", True)
        if isinstance(items, list | tuple):
            places = items  # the form of drafts before 2020-12
        else:
            return items if items is not False else True
    if any(other != places[0] for other in places):
        raise ValueError(f"{place}: a list whose places differ cannot be said to this provider")
    return places[0]


def _free_members(found: Schema) -> list[str]:
    more = found.get("additionalProperties")
    if not isinstance(more, Mapping) or not more or found.get("properties"):
        return []
    return [f"any names; each value: {write(more).decode()[:200]}"]
