"""What a configuration is read with: variables, catalog, dialects, and the file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from freetier.config.port import Catalog


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Everything from outside.

    Attributes:
        environ: Variables.
        catalog: Providers and shipped aliases.
        dialects: The wire languages that can be spoken; `None` means all.
        file: The user's file, if there is one.
        embedders: Models that functions of the user's own stand for; with some of them nobody
            else needs to be there.
    """

    environ: Mapping[str, str]
    catalog: Catalog
    dialects: Collection[str] | None = None
    file: Path | None = None
    embedders: Collection[str] = ()
