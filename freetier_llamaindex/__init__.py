"""freetier in LlamaIndex: one function-calling LLM over all your free accounts.

from llama_index.core import Settings
from freetier_llamaindex import FreeTierLLM

Settings.llm = FreeTierLLM("fast")
"""

from __future__ import annotations

try:
    import llama_index.core  # noqa: F401 - is it there at all?
except ModuleNotFoundError as missing:
    if not (missing.name or "").startswith("llama_index"):
        raise
    raise ImportError(
        'freetier_llamaindex needs LlamaIndex; install it with: pip install "freetier[llamaindex]"'
    ) from missing

from freetier_llamaindex.events import (
    FreeTierFailoverEvent,
    FreeTierRouteEvent,
    FreeTierWaitEvent,
    collect_routes,
)
from freetier_llamaindex.llm import FreeTierLLM

__all__ = [
    "FreeTierFailoverEvent",
    "FreeTierLLM",
    "FreeTierRouteEvent",
    "FreeTierWaitEvent",
    "collect_routes",
]
