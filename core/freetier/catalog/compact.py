"""Frozen values as JSON and back, without a schema: the catalog as it is shipped besides its YAML.

`python -m freetier.catalog.compact` writes `compact.jsonl` anew (`make catalog`). YAML stays the
source: each line says which files it was made of and what they held, and one that no longer
fits is not used. Reading YAML through the schema costs half a second; this, milliseconds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any
from zlib import crc32

FILE = "compact.jsonl"
SHARED = ("faults.yaml", "sources.yaml")
"""Files that every provider's value depends on."""

Line = dict[str, Any]


class Writer:
    """Writes values as a list of objects that refer to each other; equal ones once."""

    def __init__(self) -> None:
        self.nodes: list[list[Any]] = []
        self._seen: dict[str, int] = {}

    def write(self, value: Any) -> Any:  # noqa: ANN401 - any value of `freetier.values`
        """Return what stands for a value; raises `TypeError` for what cannot be written."""
        if value is None or type(value) in {str, int, float, bool}:
            return value
        if isinstance(value, Enum):
            return self._node("enum", type(value), value.value)
        if isinstance(value, tuple):
            return [self.write(item) for item in value]
        if isinstance(value, frozenset):
            return self._node("set", None, [self.write(item) for item in sorted(value, key=str)])
        if isinstance(value, Mapping):
            return self._node("map", None, {k: self.write(v) for k, v in value.items()})
        if is_dataclass(value) and not isinstance(value, type):
            return self._node("new", type(value), self._fields(value))
        raise TypeError(f"{type(value).__name__} has no compact form")

    def _fields(self, value: Any) -> dict[str, Any]:  # noqa: ANN401
        found = {}
        for field in fields(value):
            held = getattr(value, field.name)
            usual = field.default
            if usual is MISSING and field.default_factory is not MISSING:
                usual = field.default_factory()
            if usual is MISSING or held != usual or type(held) is not type(usual):
                found[field.name] = self.write(held)
        return found

    def _node(self, how: str, kind: type | None, content: Any) -> dict[str, int]:  # noqa: ANN401
        where = None if kind is None else f"{kind.__module__}:{kind.__qualname__}"
        node = [how, where, content]
        key = json.dumps(node, sort_keys=True)
        if key not in self._seen:
            self._seen[key] = len(self.nodes)
            self.nodes.append(node)
        return {"=": self._seen[key]}


def read(line: Line, kinds: Mapping[str, Callable[..., Any]]) -> Any:  # noqa: ANN401
    """Return the value of a line.

    Args:
        line: As `line_of` makes it.
        kinds: The classes by the names that the line calls them.
    """
    made: list[Any] = []

    def value(written: Any) -> Any:  # noqa: ANN401
        if type(written) is dict:
            return made[written["="]]
        return tuple(map(value, written)) if type(written) is list else written

    for how, where, content in line["nodes"]:
        if how == "new":
            made.append(kinds[where](**{name: value(held) for name, held in content.items()}))
        elif how == "enum":
            made.append(kinds[where](content))
        elif how == "set":
            made.append(frozenset(map(value, content)))
        else:
            made.append({name: value(held) for name, held in content.items()})
    return value(line["value"])


def line_of(value: Any, files: Mapping[str, bytes]) -> Line:  # noqa: ANN401
    """Return a value as a line, with the files that it was made of."""
    writer = Writer()
    written = writer.write(value)
    sums = {name: crc32(held) for name, held in files.items()}
    return {"files": sums, "nodes": writer.nodes, "value": written}


def is_true(line: Line, held: Callable[[str], bytes]) -> bool:
    """Tell whether a line was made of the files as they are."""
    return all(crc32(held(name)) == sum_ for name, sum_ in line["files"].items())


def lines(root: Path) -> Iterable[tuple[str, Line]]:
    """Make every line of a catalog's folder from its YAML, by name."""
    from freetier.catalog.shipped import Catalog  # noqa: PLC0415 - loads YAML and pydantic

    catalog = Catalog(root)

    def files(*names: str) -> dict[str, bytes]:
        return {name: root.joinpath(name).read_bytes() for name in names}

    yield "index", line_of(catalog.index, files("index.yaml"))
    yield "aliases", line_of(catalog.aliases, files("aliases.yaml"))
    yield "faults", line_of(catalog.faults, files("faults.yaml"))
    for name in catalog.index.keys:
        own = [f"providers/{part}.yaml" for part in catalog.made_of(name)]
        yield f"providers/{name}", line_of(catalog.provider(name), files(*own, *SHARED))


def text(root: Path) -> str:
    """Return the whole file, a line for each value."""
    made = (json.dumps([name, line], separators=(",", ":")) for name, line in lines(root))
    return "".join(f"{line}\n" for line in made)


def main() -> None:
    """Write the file anew."""
    root = Path(__file__).parent
    root.joinpath(FILE).write_text(text(root), "utf-8")


if __name__ == "__main__":
    main()
