"""Reads YAML: safely, with the C parser where it is there, and never a key twice."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import yaml

from freetier.errors import ConfigError

_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):  # type: ignore[misc] # which of the two is known at run time only
    """The safe loader; a repeated key is an error, because one of the two would be lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - the library's signature
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"the key {key.value!r} stands here twice", problem_mark=key.start_mark
                )
            seen.add(str(key.value))
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return mapping


def read_yaml(text: str, where: str) -> Any:  # noqa: ANN401 - whatever the file holds
    """Return what a YAML text holds.

    Args:
        text: The text.
        where: Its file, for error texts.

    Raises:
        ConfigError: It is no YAML, or a mapping has a key twice; names the line.
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe one
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}" if error.problem_mark else None
        raise ConfigError(str(error.problem), where=where, path=line) from None
    except yaml.YAMLError as error:
        raise ConfigError(str(error), where=where) from None
