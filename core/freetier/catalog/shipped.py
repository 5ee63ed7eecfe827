"""A catalog's folder, read file by file as providers are asked for."""

from __future__ import annotations

from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from freetier.catalog.aliases import alias_values
from freetier.catalog.build import provider_value
from freetier.catalog.checks import checked
from freetier.catalog.classes import ErrorClasses, fault_table
from freetier.catalog.fields import hint
from freetier.catalog.files import read_yaml
from freetier.catalog.index import Index
from freetier.catalog.schema import AliasesRow, FaultsRow, ProviderRow, SourcesRow
from freetier.catalog.sources import Sources
from freetier.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from importlib.resources.abc import Traversable

    from freetier.values.accounts import Alias
    from freetier.values.faulttable import FaultTable
    from freetier.values.providers import Provider

R = TypeVar("R", bound=BaseModel)

_COPIED = (
    "status", "key_env", "key_page", "note", "as_of", "source", "trains", "terms", "day_zone",
    "signs", "errors", "clocks", "counted_at", "counts_refused", "limits", "limit_sets",
    "models", "embeddings",
)  # fmt: skip
"""What `copies: other` takes from the other provider where the file itself is silent."""


class Catalog:
    """A folder with an index, aliases, error classes, sources and one file per provider.

    Each file is read once, when it is first needed. Safe to share between threads: a file that
    two of them ask for at once is at worst read twice.

    Args:
        root: The folder.
    """

    def __init__(self, root: Traversable) -> None:
        self._root = root
        self._rows: dict[str, ProviderRow] = {}
        self._providers: dict[str, Provider] = {}

    @cached_property
    def index(self) -> Index:
        """The providers' names and variables."""
        return Index.read(self._root)

    @cached_property
    def aliases(self) -> tuple[Alias, ...]:
        """The shipped aliases."""
        return alias_values(self._checked(AliasesRow, "aliases.yaml"))

    @cached_property
    def faults(self) -> FaultTable:
        """What errors mean where a provider's own rules are silent."""
        return fault_table(self._faults, "faults.yaml")

    def provider(self, name: str) -> Provider:
        """Return one provider.

        Args:
            name: Any of its names.

        Raises:
            ConfigError: There is no such provider, or its file is wrong.
        """
        known = self.index.canonical(name)
        if known is None:
            raise ConfigError(f"unknown provider {name!r}{hint(name, self.index.keys)}")
        if known not in self._providers:
            self._providers[known] = self._value(self._row(known), f"{known}.yaml")
        return self._providers[known]

    def made_of(self, name: str) -> tuple[str, ...]:
        """Return whose files a provider's value comes from: its own, and one that it copies."""
        copies = self._row(name).copies
        return (name,) if copies is None else (name, self.index.canonical(copies) or copies)

    def load(self, names: Iterable[str]) -> Mapping[str, Provider]:
        """Return providers by the catalog's names; reads no file but theirs."""
        found = (self.provider(name) for name in names)
        return {provider.name: provider for provider in found}

    def parse(self, mapping: Mapping[str, object], where: str) -> Provider:
        """Return the provider that a mapping in the format of our files describes.

        Args:
            mapping: For example out of a user's file.
            where: Its place, for error texts.

        Raises:
            ConfigError: It is not in the format; names place, key path and nearest right key.
        """
        return self._value(checked(ProviderRow, mapping, where), where)

    def _value(self, row: ProviderRow, where: str) -> Provider:
        if row.copies is not None:
            row = self._with_copies(row, where)
        return provider_value(row, where, ErrorClasses(self._faults.classes), self._sources)

    def _with_copies(self, row: ProviderRow, where: str) -> ProviderRow:
        known = self.index.canonical(row.copies or "")
        if known is None:
            text = f"unknown provider {row.copies!r}{hint(row.copies or '', self.index.keys)}"
            raise ConfigError(text, where=where, path="copies")
        other = self._row(known)
        taken = {name: getattr(other, name) for name in _COPIED if name not in row.model_fields_set}
        copy = row.model_copy(update=taken)
        models = tuple(
            model.model_copy(update={"capabilities": model.capabilities - row.without})
            for model in copy.models
        )
        return copy.model_copy(update={"models": models})

    def _row(self, known: str) -> ProviderRow:
        if known not in self._rows:
            self._rows[known] = self._checked(ProviderRow, f"providers/{known}.yaml")
        return self._rows[known]

    @cached_property
    def _faults(self) -> FaultsRow:
        return self._checked(FaultsRow, "faults.yaml")

    @cached_property
    def _sources(self) -> Sources:
        return Sources(self._checked(SourcesRow, "sources.yaml").root)

    def _checked(self, kind: type[R], name: str) -> R:
        return checked(kind, read_yaml(self._root.joinpath(name).read_text("utf-8"), name), name)


SHIPPED = Catalog(files("freetier.catalog"))
"""The catalog that comes with the package."""
