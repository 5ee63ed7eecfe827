"""The fields that models of every framework have, and what they ask of the router.

A model of an adapter is one of these and a class of its framework at once; both are Pydantic
models. RULE: knows no framework, and constructing opens nothing and reads nothing.
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic.json_schema import SkipJsonSchema

from freetier.router import Router
from freetier.values.vectors import Space

DEFAULT = "default"
"""As a field's value: the router's own default, where `None` already means something."""

STRICT = ConfigDict(
    extra="forbid",
    arbitrary_types_allowed=True,
    protected_namespaces=(),
    hide_input_in_errors=True,  # what was given may hold a key
    defer_build=True,  # with the first model; else each class on the way builds on loading
)
"""How fields are read: an unknown one is an error, whatever the framework's own class says."""


def single(provider: str, key: str) -> Mapping[str, Any]:
    """Return the configuration of one account."""
    return {"accounts": [{"provider": provider, "id": provider, "auth": {"api_key": key}}]}


class Routed(BaseModel):
    """Whose router answers: one of the user's own, or that of a configuration."""

    provider: str | None = None
    api_key: SecretStr | None = Field(default=None, exclude=True, repr=False)
    config: str | Path | Mapping[str, Any] | None = Field(default=None, exclude=True, repr=False)
    router: SkipJsonSchema[Router | None] = Field(default=None, exclude=True, repr=False)

    timeout: float | None = None
    max_retries: int | None = None
    priority: int | None = None
    allow_paid: bool | None = None
    allow_training: bool | None = None
    only: list[str] | str | None = None
    exclude: list[str] | str | None = None
    max_cost: float | None = None

    model_config = STRICT

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown(cls, given: object) -> object:
        """Name the field that was meant; Pydantic alone only says that there is none."""
        if not isinstance(given, Mapping):
            return given
        known = [*cls.model_fields, *(field.alias for field in cls.model_fields.values())]
        for name in given:
            if name not in known:
                near = get_close_matches(name, filter(None, known), n=1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise ValueError(f"unknown argument {name!r}{hint}")
        return given

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
        is_told_otherwise = self.router is not None or self.config is not None
        if self.api_key is None or not self.provider or is_told_otherwise:
            return None
        return single(self.provider, self.api_key.get_secret_value())

    def _has_router(self) -> bool:
        """Tell whether the router is at hand, so that finding it reads nothing."""
        return self.router is not None

    def _live_router(self) -> Router:
        """Return the router; the first call makes it, or finds that of the configuration."""
        return self.router or Router.shared(self._single_account() or self.config)

    async def _ready_router(self) -> Router:
        """Return the router; a file is read beside the running loop, not on it."""
        if not self._has_router():
            return await asyncio.to_thread(self._live_router)
        return self._live_router()

    def _each_call(self, names: Iterable[str]) -> dict[str, Any]:
        """Return what fields say of each call; a single provider is the only one that may answer.

        None says nothing, but for how long to wait.

        Args:
            names: Of the fields that a call takes as arguments of the same name.
        """
        said = {
            name: value
            for name in names
            if (value := getattr(self, name)) is not None or name == "max_wait"
        }
        if self.provider and self.only is None:
            said["only"] = self.provider
        return said


class Chatting(Routed):
    """How each call of a chat model is asked and routed."""

    model: str = ""
    temperature: float | None = None
    max_tokens: int | None = None
    stop: list[str] | str | None = None
    top_p: float | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    reasoning_effort: str | None = None

    # None is a meaning of its own here: as long as the deadline allows.
    max_wait: float | Literal["default"] | None = "default"
    route_tags: list[str] | str | None = None
    fetch_media: bool | None = None
    on_stream_break: Literal["raise", "continue"] | None = None


CHATTING = (
    "temperature", "max_tokens", "stop", "top_p", "seed", "presence_penalty",
    "frequency_penalty", "reasoning_effort", "timeout", "max_retries", "max_wait", "priority",
    "allow_paid", "allow_training", "only", "exclude", "route_tags", "on_stream_break", "max_cost",
    "fetch_media",
)  # fmt: skip
"""The fields of a chat model that each call takes as arguments of the same name."""

_EMBEDDING = (
    "priority", "allow_paid", "allow_training", "only", "exclude", "tags", "max_cost",
    "dimensions", "expect_space",
)  # fmt: skip


class Embeds(Routed):
    """How each call of an embedding model is asked and routed."""

    dimensions: int | None = None
    expect_space: Space | None = None
    # Ingestion waits for quota by itself (decisions, section 8).
    max_wait: float | None = None
    tags: list[str] | str | None = None

    def _told(self, model: str, task: str) -> dict[str, Any]:
        """Return what the router is called with besides the texts.

        Args:
            model: A canonical embedding model or an alias of one.
            task: `query` or `document`.
        """
        said = {**self._each_call(_EMBEDDING), "deadline": self.timeout}
        if self.max_retries is not None:
            said["attempts"] = self.max_retries + 1
        kept = {name: value for name, value in said.items() if value is not None}
        return {"model": model, "task": task, "max_wait": self.max_wait, **kept}
