"""The router of a LangChain model: kept beside the fields, found again when it is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import PrivateAttr

from freetier import Router
from freetier.fields import Routed


class Kept(Routed):
    """Keeps the router it found; a pickle holds no key, and a router by its configuration."""

    # Found again when it is lost: `configurable_fields` makes a model anew for each call.
    _shared: Router | None = PrivateAttr(default=None)

    def _at_hand(self) -> Router | None:
        if self.router is not None:
            return self.router
        private = self.__pydantic_private__  # by its name Pydantic looks for it at length
        return None if private is None else private["_shared"]

    def _has_router(self) -> bool:
        return self._at_hand() is not None

    def _live_router(self) -> Router:
        found = self._at_hand()
        if found is None:
            found = self._shared = super()._live_router()
        return found

    def __getstate__(self) -> dict[Any, Any]:
        """Return what travels: a key never does, and a router only by its configuration."""
        state = super().__getstate__()
        fields = dict(state["__dict__"])
        if self._single_account() is not None or isinstance(self.config, Mapping):
            fields["router"], fields["config"] = self._live_router(), None
        fields["api_key"] = None
        return {**state, "__dict__": fields, "__pydantic_private__": {"_shared": None}}
