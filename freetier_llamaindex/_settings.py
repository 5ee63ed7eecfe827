"""The fields of the model, and what LlamaIndex reads off it without calling it."""

from __future__ import annotations

from typing import Any

from llama_index.core.base.llms.types import LLMMetadata, MessageRole
from llama_index.core.llms.custom import CustomLLM
from llama_index.core.llms.function_calling import FunctionCallingLLM
from pydantic import Field, field_validator

from freetier.fields import CHATTING, DEFAULT, STRICT, Chatting
from freetier.values.options import Budgets
from freetier_llamaindex._errors import framework_errors
from freetier_llamaindex._patience import FOREVER, patience
from freetier_llamaindex._request import EXTRA, SAMPLING, refuse_several
from freetier_llamaindex._routers import Kept

UNKNOWN_CONTEXT = 8_192
"""Tokens that a model of unknown size is said to hold; one with fewer is rare by now."""

UNKNOWN_OUTPUT = 1_024
"""Tokens that an answer of unknown bound is said to have."""

OUTPUT_SHARE = 4
"""LlamaIndex keeps `num_output` free in every prompt: at most one part in so many."""


class Settings(Kept, Chatting, FunctionCallingLLM, CustomLLM):
    """What a model is told once; constructing it opens nothing and reads nothing."""

    additional_kwargs: dict[str, Any] = Field(default_factory=dict)
    context_window: int | None = None
    num_output: int | None = None

    model_config = STRICT  # LlamaIndex's own would have the last word otherwise.

    @field_validator(EXTRA)
    @classmethod
    def _check_additional_kwargs(cls, value: dict[str, Any]) -> dict[str, Any]:
        refuse_several(value)
        return value

    def _own(self) -> dict[str, Any]:
        """Return what the fields say of each call."""
        own = {**self._each_call((EXTRA, *CHATTING)), "model": self.model or None}
        if self.max_wait == DEFAULT:
            own["max_wait"] = self._patience()
        return own

    def _patience(self) -> float | str | None:
        """Return what a call may wait if neither it nor the model says; the router may have."""
        seconds = patience()
        if seconds is None:
            return DEFAULT
        if self._live_router().options().budgets.max_wait != Budgets().max_wait:
            return DEFAULT
        return None if seconds == FOREVER else seconds

    @classmethod
    def class_name(cls) -> str:
        """Return the name under which LlamaIndex stores it."""
        return "freetier_llm"

    @property
    def metadata(self) -> LLMMetadata:
        """What may be asked of the alias (`Router.features`); reading it makes the router.

        Raises:
            ConfigError: The configuration cannot be used; `UnknownModel` if the model means
                nothing.
        """
        with framework_errors():
            router = self._live_router()
            features = router.features(self.model)
        window = self.context_window or features.context_window or UNKNOWN_CONTEXT
        answer = min(features.max_output_tokens or UNKNOWN_OUTPUT, window // OUTPUT_SHARE)
        return LLMMetadata(
            context_window=window,
            num_output=self.num_output or self.max_tokens or answer,
            is_chat_model=True,
            is_function_calling_model=features.tools,
            model_name=self.model or router.setup.default_model or "default",
            system_role=MessageRole.SYSTEM,
        )

    def to_payload(self) -> dict[str, Any]:
        """Return what traces may show."""
        shown = ("model", "provider", *SAMPLING)
        said = {name: value for name in shown if (value := getattr(self, name)) is not None}
        return {"class_name": self.class_name(), **self.metadata.model_dump(), **said}
