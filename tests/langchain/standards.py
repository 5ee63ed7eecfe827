"""LangChain's standard integration tests with every flag on that a rich model can keep."""

from __future__ import annotations

from typing import Any

from langchain_tests.integration_tests import ChatModelIntegrationTests

from freetier_langchain import FreeTierChatModel
from tests.langchain.stage import ALIAS, OTHER_MODEL, Stage


class Standards(ChatModelIntegrationTests):
    """What the model is said to support, in every mode; the scene says who answers."""

    scene: Stage

    chat_model_class = FreeTierChatModel
    model_override_value = OTHER_MODEL
    supports_json_mode = True
    supports_image_inputs = True
    supports_image_urls = True
    supports_pdf_inputs = True
    supports_audio_inputs = True
    supports_anthropic_inputs = True
    supports_image_tool_message = True
    supports_pdf_tool_message = True

    @property
    def chat_model_params(self) -> dict[str, Any]:
        """What each model is made with."""
        return {"model": ALIAS, "router": self.scene.router}
