"""What we know of providers, models and limits: data, one file per provider.

RULE: a provider is a file under `providers/`; nothing here knows one by name. Importing this
package reads nothing and loads neither YAML nor pydantic; each file is read when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from freetier.catalog.quick import QuickCatalog
    from freetier.values.accounts import Alias
    from freetier.values.faulttable import FaultTable
    from freetier.values.providers import Provider

__all__ = [
    "canonical_provider",
    "fault_table",
    "key_variables",
    "load",
    "parse_provider",
    "provider",
    "provider_names",
    "shipped_aliases",
]


def provider_names() -> tuple[str, ...]:
    """Return the names of all providers of the catalog."""
    return tuple(_shipped().index.keys)


def key_variables() -> Mapping[str, tuple[str, ...]]:
    """Return the environment variables that bring each provider in when one of them is set.

    A provider that is gone, one without keys, and a second entry for the same keys have none.
    """
    return _shipped().index.keys


def canonical_provider(name: str) -> str | None:
    """Return the catalog's name of a provider in any spelling (`grok` is `xai`), else `None`."""
    return _shipped().index.canonical(name)


def provider(name: str) -> Provider:
    """Return one provider of the catalog.

    Args:
        name: Any of its names.

    Raises:
        ConfigError: There is no such provider.
    """
    return _shipped().provider(name)


def load(names: Iterable[str]) -> Mapping[str, Provider]:
    """Return providers by the catalog's names; reads no file but theirs.

    Args:
        names: Any of their names.

    Raises:
        ConfigError: There is no such provider.
    """
    return _shipped().load(names)


def parse_provider(mapping: Mapping[str, object], where: str) -> Provider:
    """Return the provider that a user describes in the format of our files.

    Args:
        mapping: What stands in the user's file.
        where: Its place there, for error texts.

    Raises:
        ConfigError: It is not in the format; names place, key path and nearest right key.
    """
    return _shipped().parse(mapping, where)


def shipped_aliases() -> tuple[Alias, ...]:
    """Return the aliases that we ship: `best`, `fast` and so on."""
    return _shipped().aliases


def fault_table() -> FaultTable:
    """Return what errors mean where a provider's own rules are silent."""
    return _shipped().faults


def _shipped() -> QuickCatalog:
    from freetier.catalog.quick import SHIPPED  # noqa: PLC0415 - with the first question

    return SHIPPED
