"""The fields of the chat model, and what LangChain reads off a model without calling it."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from langchain_core.language_models import BaseChatModel, LangSmithParams, ModelProfile
from langchain_core.messages import BaseMessage
from langchain_core.messages.utils import count_tokens_approximately
from pydantic import Field, field_validator, model_validator

from freetier import FreetierError, __version__
from freetier.fields import CHATTING, STRICT, Chatting
from freetier_langchain._metadata import PROVIDER
from freetier_langchain._profile import profile, token_ids
from freetier_langchain._request import NOT_ASKED, SAMPLING, check_extra
from freetier_langchain._routers import Kept
from freetier_langchain._tools import AnyTool, tool_dicts

NO_NAME = "default"
"""How the router's default model is called where LangChain wants a name."""

CHOSEN = "configured_model"
"""The argument for the model that a call's configuration names, if it is one of ours."""


class Settings(Kept, Chatting, BaseChatModel):
    """What a model is told once; constructing it opens nothing and reads nothing."""

    # LangChain takes a field of this name that says False as "never stream".
    streaming: bool | None = None
    model_kwargs: dict[str, Any] = Field(default_factory=dict)

    model_config = STRICT  # LangChain's own would have the last word otherwise.

    @model_validator(mode="after")
    def _set_freetier_version(self) -> Self:
        self._add_version("freetier", __version__)
        return self

    @field_validator("model_kwargs")
    @classmethod
    def _check_model_kwargs(cls, value: dict[str, Any]) -> dict[str, Any]:
        check_extra(value)
        return value

    @model_validator(mode="after")
    def _leave_profile_open(self) -> Self:
        """Take the empty profile off, so that it is looked up when first asked for."""
        if self.__dict__.get("profile") is None:
            self.__dict__.pop("profile", None)
        return self

    def _own(self) -> dict[str, Any]:
        """Return what the fields say of each call."""
        return self._each_call(("model", "model_kwargs", *CHATTING))

    if not TYPE_CHECKING:
        # Hidden from type checkers, which would take every name for an attribute.
        def __getattr__(self, name: str) -> Any:
            """Return the profile, looked up when it is first asked for."""
            if name != "profile":
                return super().__getattr__(name)
            found = self._resolve_model_profile()
            if found is not None:
                self.__dict__["profile"] = found
            return found

    def _resolve_model_profile(self) -> ModelProfile | None:
        # While a model is constructed LangChain asks as well; the answer comes later.
        if "profile" in self.__dict__:
            return None
        with contextlib.suppress(FreetierError):  # the call itself will tell
            return profile(self._live_router(), self.model)
        return None

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """Return False: LangChain only loads classes of its own table."""
        return False

    @property
    def _llm_type(self) -> str:
        return "freetier-chat"

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        """Return what answers depend on: the key of a cache, and what a trace shows."""
        names = ("model", "provider", *SAMPLING, "stop", "only", "exclude")
        said = {name: getattr(self, name) for name in names}
        if self.model_kwargs:
            said["model_kwargs"] = self.model_kwargs
        return {name: value for name, value in said.items() if value is not None}

    def _get_invocation_params(
        self, stop: list[str] | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        """Return what a trace shows of a call; LangChain's own looks for overrides of old first."""
        return {**self.asdict(), "stop": stop, **kwargs}

    def _get_llm_string(self, stop: list[str] | None = None, **kwargs: Any) -> str:
        """Return the key of a cache: how long one waits for an answer is no part of it."""
        asked = {name: value for name, value in kwargs.items() if name not in NOT_ASKED}
        return super()._get_llm_string(stop=stop, **asked)

    def _heard(self, name: str | None) -> str | None:
        """Return the model that a configuration names, if it is one; the word may be others'.

        A graph's own nodes read `config["configurable"]["model"]` as well, and an unknown name
        must not break what was never meant for this model.
        """
        if name is None or self._live_router().is_model_available(name):
            return name
        warnings.warn(
            f"config['configurable']['model'] is {name!r}, which nobody here has, so that "
            f"{self.model or NO_NAME!r} is asked",
            stacklevel=2,
        )
        return None

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        params = super()._get_ls_params(stop=stop, **kwargs)
        params["ls_provider"] = PROVIDER
        chosen = kwargs.get("model") or kwargs.get(CHOSEN)
        params["ls_model_name"] = chosen or self.model or NO_NAME
        params["ls_model_type"] = "chat"
        return params

    def get_token_ids(self, text: str) -> list[int]:
        """Return about as many numbers as a text has tokens; nothing is downloaded."""
        if self.custom_get_token_ids is not None:
            return self.custom_get_token_ids(text)
        return token_ids(text)

    def get_num_tokens_from_messages(
        self, messages: list[BaseMessage], tools: Sequence[AnyTool] | None = None
    ) -> int:
        """Return about how many tokens a conversation has; nothing is downloaded."""
        return count_tokens_approximately(messages, tools=[*tool_dicts(tools or ())])
