"""The package says what it needs, and shows no more than it means to."""

from __future__ import annotations

import subprocess
import sys

import freetier_langchain

WITHOUT_LANGCHAIN = """
import sys
sys.modules["langchain_core"] = None
import freetier_langchain
"""


def test_without_langchain_the_error_names_the_extra() -> None:
    """Whoever reads it knows what to type."""
    words = [sys.executable, "-c", WITHOUT_LANGCHAIN]
    answer = subprocess.run(words, check=False, capture_output=True, text=True)

    assert answer.returncode == 1
    assert "ImportError: freetier_langchain needs LangChain" in answer.stderr
    assert 'pip install "freetier[langchain]"' in answer.stderr


def test_the_public_names_are_there() -> None:
    """What is promised can be imported."""
    assert freetier_langchain.__all__ == [
        "BatchProgress",
        "CallBudget",
        "CallBudgetSpent",
        "FreeTierChatModel",
        "FreeTierEmbeddings",
        "chat_model",
    ]
    assert all(hasattr(freetier_langchain, name) for name in freetier_langchain.__all__)
