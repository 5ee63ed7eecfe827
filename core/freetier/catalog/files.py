"""Reads YAML: safely, with the C parser where it is there, and never a key twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from freetier.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Hashable

try:
    from yaml import CSafeLoader as FastLoader
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader as FastLoader  # type: ignore[assignment]


class _Loader(FastLoader):
    """The safe loader; a repeated key is an error, because one of the two would be lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002
        mapping = super().construct_mapping(node, deep=deep)
        if len(mapping) < len(node.value):
            seen: set[Any] = set()
            for key_node, _ in node.value:
                if key_node.value in seen:
                    raise yaml.constructor.ConstructorError(
                        problem=f"the key {key_node.value!r} stands here twice",
                        problem_mark=key_node.start_mark,
                    )
                seen.add(key_node.value)
        return mapping


def read_yaml(text: str, where: str) -> Any:  # noqa: ANN401
    """Return what a YAML text holds.

    Args:
        text: The text.
        where: Its file, for error texts.

    Raises:
        ConfigError: It is no YAML, or a mapping has a key twice; names the line.
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}" if error.problem_mark else None
        raise ConfigError(str(error.problem), where=where, path=line) from None
    except yaml.YAMLError as error:
        raise ConfigError(str(error), where=where) from None
