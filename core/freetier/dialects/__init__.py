"""The wire languages: requests into bytes, bytes into values.

RULE: knows words, not routes. Pure: no clock, no I/O, no state between calls but that of
one stream; an instant told by a provider is measured by the provider's own `date` header.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from freetier.dialects.cohere import CohereDialect
from freetier.dialects.gemini import GeminiDialect
from freetier.dialects.ollama import OllamaDialect
from freetier.dialects.openai import OpenAIDialect
from freetier.routing.ports import Dialect
from freetier.values.faulttable import FaultTable

DIALECTS: Final[Mapping[str, Callable[[FaultTable], Dialect]]] = {
    "openai": OpenAIDialect,
    "gemini": GeminiDialect,
    "cohere": CohereDialect,
    "ollama": OllamaDialect,
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
