"""The aliases that we ship: `aliases.yaml` as values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from freetier.values.accounts import Alias, Selector

if TYPE_CHECKING:
    from freetier.catalog.schema import AliasesRow


def alias_values(row: AliasesRow) -> tuple[Alias, ...]:
    """Return the shipped aliases in their order."""
    return tuple(
        Alias(
            name=name,
            selector=Selector(
                tiers=alias.tiers,
                descending=alias.descending,
                first_found=alias.first_found,
                needs=alias.needs,
                min_context=alias.min_context,
            ),
        )
        for name, alias in row.root.items()
    )
