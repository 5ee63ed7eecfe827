"""YAML read by events into plain mappings, lists and scalars.

Nothing is constructed that the text did not spell out: no tags, no dates, no second
value under one key, and an anchor may not multiply the text beyond a bound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from freetier.config.places import Place, quoted
from freetier.errors import ConfigError

DEEPEST = 32
MOST_NODES = 50_000  # after anchors are filled in
LONGEST_NUMBER = 40
PREFIX = "tag:yaml.org,2002:"
PLAIN_TAGS = frozenset(f"{PREFIX}{name}" for name in ("str", "int", "float", "bool", "null"))
MERGE = f"{PREFIX}merge"
QUOTE = re.compile(r"'[^'<]{4,}'|\"[^\"<]{4,}\"")

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse(text: str, where: str) -> Any:  # noqa: ANN401 - any YAML value
    """Return what one YAML document says; an empty one says `None`.

    Raises:
        ConfigError: With line, column and what is wrong; never with a piece of the text.
    """
    try:
        return _Tree(where, yaml.parse(text, Loader=Loader)).document()
    except yaml.MarkedYAMLError as error:
        refusal = _marked(error, where)
    except yaml.YAMLError as error:
        position = getattr(error, "position", 0)
        line = text.count("\n", 0, position) + 1
        refusal = Place(f"{where}, line {line}").error("a character that YAML does not allow")
    raise refusal


def _marked(error: yaml.MarkedYAMLError, where: str) -> ConfigError:
    mark = error.problem_mark or error.context_mark
    problem = QUOTE.sub("'…'", error.problem or error.context or "not YAML")
    if "nesting depth" in problem:  # libyaml's own bound, which its look-ahead meets before ours
        problem = f"nested deeper than {DEEPEST} levels"
    return ConfigError(f"malformed YAML: {problem}", where=_at(where, mark))


def _at(where: str, mark: Any) -> str:  # noqa: ANN401 - a mark of either parser
    return f"{where}, line {mark.line + 1}, column {mark.column + 1}" if mark else where


class _Tree:
    def __init__(self, where: str, events: Iterator[Any]) -> None:
        self._where = where
        self._events = events
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = 0
        self._scalars: Any = yaml.SafeLoader("")  # resolves and constructs plain scalars

    def document(self) -> Any:  # noqa: ANN401
        next(self._events)  # the stream begins
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        value = self._value(next(self._events), DEEPEST)
        next(self._events)  # the document ends
        more = next(self._events)
        if not isinstance(more, yaml.StreamEndEvent):
            raise self._error(more, "a second document begins; one is read")
        return value

    def _value(self, event: Any, depth: int) -> Any:  # noqa: ANN401
        if isinstance(event, yaml.AliasEvent):
            return self._anchored(event)
        if depth == 0:
            raise self._error(event, f"nested deeper than {DEEPEST} levels")
        before = self._nodes
        self._count(event, 1)
        value = self._built(event, depth)
        if event.anchor:
            self._anchors[event.anchor] = value, self._nodes - before
        return value

    def _built(self, event: Any, depth: int) -> Any:  # noqa: ANN401
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if event.tag:
            raise self._error(event, "tags are not allowed")
        if isinstance(event, yaml.SequenceStartEvent):
            return list(self._items(depth))
        return self._mapping(depth)

    def _items(self, depth: int) -> Iterator[Any]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield self._value(event, depth - 1)

    def _mapping(self, depth: int) -> dict[str, Any]:
        written: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            merges = _is_merge(event)
            key = self._key(event, depth)
            value = self._value(next(self._events), depth - 1)
            if merges:
                merged = {**self._merge(event, value), **merged}
            elif key in written:
                raise self._error(event, f"the key {quoted(key)} is given twice")
            else:
                written[key] = value
        return {**merged, **written}

    def _key(self, event: Any, depth: int) -> str:  # noqa: ANN401
        if isinstance(event, yaml.AliasEvent):
            value = self._anchored(event)
            if isinstance(value, str):
                return value
        elif isinstance(event, yaml.ScalarEvent):
            self._value(event, depth)
            return str(event.value)
        raise self._error(event, "a key must be a plain word")

    def _merge(self, event: Any, value: Any) -> dict[str, Any]:  # noqa: ANN401
        merged: dict[str, Any] = {}
        for part in reversed(value if isinstance(value, list) else [value]):
            if not isinstance(part, dict):
                raise self._error(event, "'<<' takes a mapping or a list of mappings")
            merged.update(part)
        return merged

    def _anchored(self, event: Any) -> Any:  # noqa: ANN401
        if event.anchor not in self._anchors:
            raise self._error(event, "'*' names an anchor that was not given before")
        value, nodes = self._anchors[event.anchor]
        self._count(event, nodes)
        return value

    def _scalar(self, event: Any) -> Any:  # noqa: ANN401
        if event.tag and event.tag not in PLAIN_TAGS:
            raise self._error(event, "tags are not allowed")
        tag = event.tag or self._scalars.resolve(yaml.ScalarNode, event.value, event.implicit)
        if tag not in PLAIN_TAGS or tag == f"{PREFIX}str":
            return event.value
        is_number = tag in {f"{PREFIX}int", f"{PREFIX}float"}
        if is_number and len(event.value) > LONGEST_NUMBER:
            return event.value
        try:
            return self._scalars.construct_object(yaml.ScalarNode(tag, event.value))
        except (ValueError, KeyError, OverflowError):
            reason = "is not what its tag says" if event.tag else "is no number after all"
        raise self._error(event, f"this value {reason}; put it in quotes")

    def _count(self, event: Any, nodes: int) -> None:  # noqa: ANN401
        self._nodes += nodes
        if self._nodes > MOST_NODES:
            raise self._error(event, f"holds more than {MOST_NODES:,} values, anchors filled in")

    def _error(self, event: Any, message: str) -> ConfigError:  # noqa: ANN401
        return Place(_at(self._where, event.start_mark)).error(message)


def _is_merge(event: Any) -> bool:  # noqa: ANN401
    return isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]
