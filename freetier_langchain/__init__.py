"""freetier for LangChain: one chat model, and embeddings, over all your free accounts."""

from __future__ import annotations

try:
    import langchain_core as _langchain_core  # noqa: F401 - only whether it is there
except ImportError as error:
    raise ImportError(
        'freetier_langchain needs LangChain; install it with pip install "freetier[langchain]"'
    ) from error

from freetier_langchain._errors import CallBudgetSpent
from freetier_langchain.budget import CallBudget
from freetier_langchain.chat_model import FreeTierChatModel, chat_model
from freetier_langchain.embeddings import FreeTierEmbeddings
from freetier_langchain.progress import BatchProgress

__all__ = [
    "BatchProgress",
    "CallBudget",
    "CallBudgetSpent",
    "FreeTierChatModel",
    "FreeTierEmbeddings",
    "chat_model",
]
