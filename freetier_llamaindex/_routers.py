"""The router of a LlamaIndex component: kept in its field, which is never written out."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import Any

from llama_index.core.schema import BaseComponent

from freetier import Router
from freetier.fields import Routed


class Kept(Routed, BaseComponent):
    """Keeps the router it found; a pickle holds no key, and a router by its configuration."""

    def _live_router(self) -> Router:
        if self.router is None:
            self.router = super()._live_router()
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
