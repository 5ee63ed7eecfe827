"""The fields of the model, and what LlamaIndex reads off it without calling it."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from llama_index.core.base.llms.types import LLMMetadata, MessageRole
from llama_index.core.llms.custom import CustomLLM
from llama_index.core.llms.function_calling import FunctionCallingLLM
from pydantic import ConfigDict, Field, SecretStr, model_validator
from pydantic.json_schema import SkipJsonSchema

from freetier import Router
from freetier_llamaindex._errors import framework_errors
from freetier_llamaindex._request import EXTRA, SAMPLING
from freetier_llamaindex._routers import single

UNKNOWN_CONTEXT = 8_192
"""Tokens that a model of unknown size is said to hold; one with fewer is rare by now."""

UNKNOWN_OUTPUT = 1_024
"""Tokens that an answer of unknown bound is said to have."""

OUTPUT_SHARE = 4
"""LlamaIndex keeps `num_output` free in every prompt: at most one part in so many."""

# Fields that a call takes as arguments of the same name.
_PER_CALL = (
    *SAMPLING, EXTRA, "timeout", "max_retries", "max_wait", "priority", "allow_paid",
    "allow_training", "only", "exclude", "route_tags", "on_stream_break", "max_cost",
)  # fmt: skip


class Settings(FunctionCallingLLM, CustomLLM):
    """What a model is told once; constructing it opens nothing and reads nothing."""

    model: str = ""
    temperature: float | None = None
    max_tokens: int | None = None
    timeout: float | None = None
    max_retries: int | None = None
    stop: list[str] | str | None = None
    top_p: float | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    reasoning_effort: str | None = None
    additional_kwargs: dict[str, Any] = Field(default_factory=dict)

    provider: str | None = None
    api_key: SecretStr | None = Field(default=None, exclude=True, repr=False)
    config: str | Path | Mapping[str, Any] | None = Field(default=None, exclude=True, repr=False)
    router: SkipJsonSchema[Router | None] = Field(default=None, exclude=True, repr=False)

    # None is a meaning of its own here: as long as the deadline allows.
    max_wait: float | Literal["default"] | None = "default"
    priority: int | None = None
    allow_paid: bool | None = None
    allow_training: bool | None = None
    only: list[str] | str | None = None
    exclude: list[str] | str | None = None
    route_tags: list[str] | str | None = None
    on_stream_break: Literal["raise", "continue"] | None = None
    max_cost: float | None = None

    context_window: int | None = None
    num_output: int | None = None

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, protected_namespaces=())

    @model_validator(mode="after")
    def _warn_of_key(self) -> Self:
        if self.api_key is not None and self._single_account() is None:
            warnings.warn(
                "api_key is not used: whose key it is can be said by provider='...'; without "
                "that, keys come from the environment or the configuration",
                stacklevel=2,
            )
        return self

    def _single_account(self) -> Mapping[str, Any] | None:
        """Return the configuration that a key and its provider are, if they are all there is."""
        if self.api_key is None or not self.provider or self.router or self.config is not None:
            return None
        return single(self.provider, self.api_key.get_secret_value())

    def _live_router(self) -> Router:
        """Return the router; the first call makes it, or finds that of the configuration."""
        if self.router is None:
            self.router = Router.shared(self._single_account() or self.config)
        return self.router

    def _own(self) -> dict[str, Any]:
        """Return what the fields say of each call."""
        own = {name: getattr(self, name) for name in _PER_CALL}
        if self.provider and self.only is None:
            own["only"] = self.provider
        return {"model": self.model or None, **own}

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

    def __getstate__(self) -> dict[str, Any]:
        """Return what travels: a key never does, and a router only by its configuration.

        Raises:
            ConfigError: The router cannot be made again elsewhere; the text says what of it.
        """
        if self.api_key is not None or isinstance(self.config, Mapping):
            self._live_router()
        # The base class leaves out whatever cannot be pickled; a router must not get lost.
        pickle.dumps(self.router)
        state = super().__getstate__()
        fields = {name: value for name, value in state["__dict__"].items() if name != "api_key"}
        if self.router is not None:
            fields["config"] = None
        return {**state, "__dict__": fields}
