"""The wire languages: requests into bytes, bytes into values.

RULE: knows words, not routes. Pure: no clock, no I/O, no state between calls but that of
one stream; an instant told by a provider is measured by the provider's own `date` header.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from freetier.routing.ports import Dialect
    from freetier.values.faulttable import FaultTable


def _made(name: str, kind: str, table: FaultTable) -> Dialect:
    """Load a language with the first request that is said in it."""
    made: Dialect = getattr(import_module(f"freetier.dialects.{name}"), kind)(table)
    return made


DIALECTS: Final[Mapping[str, Callable[[FaultTable], Dialect]]] = {
    "openai": partial(_made, "openai", "OpenAIDialect"),
    "gemini": partial(_made, "gemini", "GeminiDialect"),
    "cohere": partial(_made, "cohere", "CohereDialect"),
    "ollama": partial(_made, "ollama", "OllamaDialect"),
}
"""How each language is made, by its name in the catalog."""


def dialect(name: str, table: FaultTable) -> Dialect:
    """Return a wire language.

    Args:
        name: As the catalog calls it.
        table: What errors mean where a provider's own rules are silent.

    Raises:
        ValueError: There is no such language.
    """
    if name not in DIALECTS:
        raise ValueError(f"no dialect {name!r}; there are: {', '.join(sorted(DIALECTS))}")
    return DIALECTS[name](table)
