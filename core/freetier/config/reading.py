"""A file, bounded and checked, becomes a tree of mappings, lists and scalars."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any, NoReturn

from freetier.config.places import Place, quoted
from freetier.errors import ConfigError

MOST_BYTES = 1 << 20


def read_tree(path: Path) -> dict[str, Any]:
    """Return what a YAML or JSON file says.

    Args:
        path: JSON if its name ends in `.json`, else YAML. At most 1 MiB.

    Raises:
        ConfigError: It cannot be read, is too large, is malformed, or is no mapping.
    """
    where = str(path)
    tree = _parse(_text(path), where, is_json=path.suffix.lower() == ".json")
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise ConfigError("must be a mapping of keys to values", where=where)
    return tree


def home_path(text: str | os.PathLike[str]) -> Path:
    """Return a path with `~` filled in, where that can be."""
    path = Path(text)
    try:
        return path.expanduser()
    except RuntimeError:  # nobody of that name, or no home
        return path


def readable_by_others(path: Path) -> bool:
    """Tell whether someone else on this machine may read a file (POSIX only)."""
    return os.name == "posix" and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:  # a path with a zero byte is the latter
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise ConfigError(f"cannot be read: {reason}", where=str(path)) from None
    if len(data) > MOST_BYTES:
        raise ConfigError(f"is larger than {MOST_BYTES >> 20} MiB", where=str(path))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    raise ConfigError("is not UTF-8", where=f"{path}, line {line}")


def _parse(text: str, where: str, *, is_json: bool) -> Any:  # noqa: ANN401
    if is_json:
        return _json(text, where) if text.strip() else None
    from freetier.config.yaml_tree import parse  # noqa: PLC0415 - YAML only if there is some

    return parse(text, where)


def _json(text: str, where: str) -> Any:  # noqa: ANN401
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in pairs:
            if key in made:
                raise Place(where).error(f"the key {quoted(key)} is given twice")
            made[key] = value
        return made

    def refuse(name: str) -> NoReturn:
        raise Place(where).error(f"{name} is no number of JSON")

    place, problem = where, "malformed JSON"
    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    except json.JSONDecodeError as error:
        place = f"{where}, line {error.lineno}, column {error.colno}"
        problem = f"malformed JSON: {error.msg[0].lower()}{error.msg[1:]}"
    except RecursionError:
        problem = "nested too deeply"
    except ConfigError:
        raise
    except ValueError:
        problem = "holds a number of too many digits"
    raise ConfigError(problem, where=place)
