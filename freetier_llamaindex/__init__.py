"""freetier in LlamaIndex: one function-calling LLM, and embeddings, over all your free accounts.

from llama_index.core import Settings
from freetier_llamaindex import FreeTierEmbedding, FreeTierLLM

Settings.llm = FreeTierLLM("fast")
Settings.embed_model = FreeTierEmbedding("gemini-embedding-001")
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

from freetier_llamaindex._patience import watch
from freetier_llamaindex.embedding import FreeTierEmbedding
from freetier_llamaindex.events import (
    FreeTierFailoverEvent,
    FreeTierRouteEvent,
    FreeTierWaitEvent,
    collect_routes,
)
from freetier_llamaindex.llm import FreeTierLLM

__all__ = [
    "FreeTierEmbedding",
    "FreeTierFailoverEvent",
    "FreeTierLLM",
    "FreeTierRouteEvent",
    "FreeTierWaitEvent",
    "collect_routes",
]

watch()
