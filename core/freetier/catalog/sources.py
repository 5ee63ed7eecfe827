"""Where figures come from: `sources.yaml` as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from freetier.catalog.schema import SourceRow


@dataclass(frozen=True, slots=True)
class Sources:
    """Sources by the keys that our own files name them with."""

    rows: Mapping[str, SourceRow]

    def kind(self, source: str) -> str:
        """Return how far a source is trusted; one without a key is the user's own."""
        return self.rows[source].kind if source in self.rows else "user"

    def what(self, source: str | None) -> str | None:
        """Return what a source is, for people."""
        return self.rows[source].what if source is not None and source in self.rows else source
