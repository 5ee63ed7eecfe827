"""LangChain's standard unit tests pass as they stand."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_tests.unit_tests import ChatModelUnitTests

from freetier_langchain import FreeTierChatModel

# They give each model a key; that ours says whose it could be is another test's matter.
pytestmark = pytest.mark.filterwarnings("ignore:api_key is not used")


class TestStandardUnit(ChatModelUnitTests):
    @property
    def chat_model_class(self) -> type[FreeTierChatModel]:
        return FreeTierChatModel

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": "fast"}

    @property
    def init_from_env_params(self) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
        return {"GROQ_API_KEY": "made-up"}, {"model": "fast"}, {"model": "fast"}
