"""What the classes of errors that the provider files name mean: `faults.yaml` as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from freetier.catalog.build import window_signs
from freetier.catalog.fields import hint
from freetier.catalog.schema import ClassRow, ErrorRow, FaultsRow
from freetier.errors import ConfigError
from freetier.values.faulttable import FaultTable
from freetier.values.providers import ErrorRule


@dataclass(frozen=True, slots=True)
class ErrorClasses:
    """Makes rules of rows: a row names a class, which says fault, scope and reason."""

    classes: Mapping[str, ClassRow]

    def rules(
        self, rows: tuple[ErrorRow, ...], where: str, key: str = "errors"
    ) -> tuple[ErrorRule, ...]:
        """Return the rules in order.

        Args:
            rows: As they are written.
            where: Their file, for error texts.
            key: Where they stand in it.

        Raises:
            ConfigError: A row names a class that does not exist.
        """
        return tuple(self._rule(row, where, f"{key}[{n}].class") for n, row in enumerate(rows))

    def _rule(self, row: ErrorRow, where: str, path: str) -> ErrorRule:
        found = self.classes.get(row.class_)
        if found is None:
            text = f"there is no class {row.class_!r}{hint(row.class_, self.classes)}"
            raise ConfigError(text, where=where, path=path)
        return ErrorRule(
            fault=found.fault,
            scope=row.scope or found.scope,
            status=row.status,
            status_max=row.status_max,
            match_any=row.match_any,
            codes=row.codes,
            types=row.types,
            span=row.per or found.per,
            reason=row.reason or found.reason,
        )


def fault_table(row: FaultsRow, where: str) -> FaultTable:
    """Return the general part of the classification."""
    rules = ErrorClasses(row.classes).rules(row.defaults, where, "defaults")
    return FaultTable(
        defaults=rules,
        overflow=row.overflow,
        exclude=row.exclude,
        words=tuple(row.words.items()),
        phrases=tuple(row.phrases.items()),
        signs=window_signs(row.signs),
    )
