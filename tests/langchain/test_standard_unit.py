"""LangChain's standard unit tests pass as they stand."""

from __future__ import annotations

import pytest
from langchain_tests.unit_tests import ChatModelUnitTests

from freetier_langchain import FreeTierChatModel

# They give each model a key; that ours says whose it could be is another test's matter.
pytestmark = pytest.mark.filterwarnings("ignore:api_key is not used")


class TestStandardUnit(ChatModelUnitTests):
    chat_model_class = FreeTierChatModel
    chat_model_params = {"model": "fast"}  # noqa: RUF012 - a property there
    init_from_env_params = ({"GROQ_API_KEY": "made-up"}, {"model": "fast"}, {"model": "fast"})
