"""Whose router answers: one of the user's own, or that of a configuration."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, model_validator

from freetier import Router

Config = str | Path | Mapping[str, Any]


def single(provider: str, key: str) -> Mapping[str, Any]:
    """Return the configuration of one account."""
    return {"accounts": [{"provider": provider, "id": provider, "auth": {"api_key": key}}]}


class Routed(BaseModel):
    """What finds the router; constructing it opens nothing and reads nothing."""

    provider: str | None = None
    api_key: SecretStr | None = Field(default=None, exclude=True)
    config: str | Path | Mapping[str, Any] | None = Field(default=None, exclude=True, repr=False)
    router: Router | None = Field(default=None, exclude=True, repr=False)

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, protected_namespaces=())

    # Found again when it is lost: `configurable_fields` makes a model anew for each call.
    _shared: Router | None = PrivateAttr(default=None)

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

    def _live_router(self) -> Router:
        """Return the router; the first call makes it, or finds that of the configuration."""
        if self.router is not None:
            return self.router
        if self._shared is None:
            self._shared = Router.shared(self._single_account() or self.config)
        return self._shared

    async def _ready_router(self) -> Router:
        """Return the router; a file is read beside the running loop, not on it."""
        if self.router is None and self._shared is None:
            return await asyncio.to_thread(self._live_router)
        return self._live_router()

    def __getstate__(self) -> dict[Any, Any]:
        """Return what travels: a key never does, and a router only by its configuration."""
        state = super().__getstate__()
        fields = dict(state["__dict__"])
        if self._single_account() is not None or isinstance(self.config, Mapping):
            fields["router"], fields["config"] = self._live_router(), None
        fields["api_key"] = None
        return {**state, "__dict__": fields, "__pydantic_private__": {"_shared": None}}
