"""Whose router answers: one of the user's own, or that of a configuration."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from llama_index.core.schema import BaseComponent
from pydantic import ConfigDict, Field, SecretStr, model_validator
from pydantic.json_schema import SkipJsonSchema

from freetier import Router

Config = str | Path | Mapping[str, Any]


def single(provider: str, key: str) -> Mapping[str, Any]:
    """Return the configuration of one account."""
    return {"accounts": [{"provider": provider, "id": provider, "auth": {"api_key": key}}]}


class Routed(BaseComponent):
    """What finds the router; constructing it opens nothing and reads nothing."""

    provider: str | None = None
    api_key: SecretStr | None = Field(default=None, exclude=True, repr=False)
    config: str | Path | Mapping[str, Any] | None = Field(default=None, exclude=True, repr=False)
    router: SkipJsonSchema[Router | None] = Field(default=None, exclude=True, repr=False)

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
