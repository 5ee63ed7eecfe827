"""LangChain's standard flags, as true as the catalog's richest models make them."""

from __future__ import annotations

from typing import Any

from langchain_tests.integration_tests import ChatModelIntegrationTests

from freetier_langchain import FreeTierChatModel
from tests.langchain.stage import ALIAS, OTHER_MODEL


class Flags(ChatModelIntegrationTests):
    """What the model is said to support, in every mode."""

    @property
    def chat_model_class(self) -> type[FreeTierChatModel]:
        return FreeTierChatModel

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": ALIAS, "router": self.scene.router}

    @property
    def model_override_value(self) -> str:
        return OTHER_MODEL

    @property
    def supports_json_mode(self) -> bool:
        return True

    @property
    def supports_image_inputs(self) -> bool:
        return True

    @property
    def supports_image_urls(self) -> bool:
        return True

    @property
    def supports_pdf_inputs(self) -> bool:
        return True

    @property
    def supports_audio_inputs(self) -> bool:
        return True

    @property
    def supports_anthropic_inputs(self) -> bool:
        return True

    @property
    def supports_image_tool_message(self) -> bool:
        return True

    @property
    def supports_pdf_tool_message(self) -> bool:
        return True
