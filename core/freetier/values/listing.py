"""One line of `list_models()`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """A name that can be asked for.

    Attributes:
        id: The name.
        kind: Whether it is an alias, a canonical model, or a model that makes embeddings.
        providers: Who serves it here.
        tier: Of a model; 0 for aliases and where it is not known.
        free: Whether somebody serves it for nothing.
    """

    id: str
    kind: Literal["alias", "model", "embedding"]
    providers: tuple[str, ...]
    tier: int = 0
    free: bool = False
