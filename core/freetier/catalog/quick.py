"""The shipped catalog from its compact form; from YAML where that is not up to date."""

from __future__ import annotations

import json
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from freetier.catalog import compact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from freetier.catalog.index import Index
    from freetier.catalog.shipped import Catalog
    from freetier.values.accounts import Alias
    from freetier.values.faulttable import FaultTable
    from freetier.values.providers import Provider


class _Kinds(dict[str, Any]):
    """Classes by module and name, loaded when they are first met."""

    def __missing__(self, where: str) -> Any:  # noqa: ANN401
        module, _, name = where.partition(":")
        found = self[where] = getattr(import_module(module), name)
        return found


class QuickCatalog:
    """What `Catalog` offers, read from one file of JSON where that is true to the YAML.

    Args:
        root: The catalog's folder.
        slow: Returns the catalog that reads the YAML.
    """

    def __init__(self, root: Path, slow: Any) -> None:  # noqa: ANN401 - what makes a `Catalog`
        self._root = root
        self._slow = slow
        self._kinds = _Kinds()
        self._made: dict[str, Any] = {}
        self._held: dict[str, bytes] = {}

    @cached_property
    def yaml(self) -> Catalog:
        """The catalog that reads the YAML."""
        catalog: Catalog = self._slow()
        return catalog

    @cached_property
    def _lines(self) -> dict[str, str]:
        try:
            text = self._root.joinpath(compact.FILE).read_text("utf-8")
        except OSError:
            return {}
        return {line[2 : line.index('"', 2)]: line for line in text.splitlines()}

    def _bytes(self, name: str) -> bytes:
        if name not in self._held:
            self._held[name] = self._root.joinpath(name).read_bytes()
        return self._held[name]

    def _value(self, name: str) -> Any:  # noqa: ANN401
        """Return the value of one line, or None if there is none that is true."""
        if name not in self._made:
            self._made[name] = None
            if name in self._lines:
                line = json.loads(self._lines[name])[1]
                if compact.is_true(line, self._bytes):
                    self._made[name] = compact.read(line, self._kinds)
        return self._made[name]

    @cached_property
    def index(self) -> Index:
        """The providers' names and variables."""
        found: Index | None = self._value("index")
        return self.yaml.index if found is None else found

    @cached_property
    def aliases(self) -> tuple[Alias, ...]:
        """The shipped aliases."""
        found: tuple[Alias, ...] | None = self._value("aliases")
        return self.yaml.aliases if found is None else found

    @cached_property
    def faults(self) -> FaultTable:
        """What errors mean where a provider's own rules are silent."""
        found: FaultTable | None = self._value("faults")
        return self.yaml.faults if found is None else found

    def provider(self, name: str) -> Provider:
        """Return one provider; see `Catalog.provider`."""
        known = self.index.canonical(name)
        found: Provider | None = None if known is None else self._value(f"providers/{known}")
        return self.yaml.provider(name) if found is None else found

    def load(self, names: Iterable[str]) -> Mapping[str, Provider]:
        """Return providers by the catalog's names; reads no file but theirs."""
        found = (self.provider(name) for name in names)
        return {provider.name: provider for provider in found}

    def parse(self, mapping: Mapping[str, object], where: str) -> Provider:
        """Return the provider that a mapping in the format of our files describes."""
        return self.yaml.parse(mapping, where)


def _slow() -> Catalog:
    from freetier.catalog.shipped import SHIPPED  # noqa: PLC0415 - loads YAML and pydantic

    return SHIPPED


SHIPPED = QuickCatalog(Path(__file__).parent, _slow)
"""The catalog that comes with the package."""
