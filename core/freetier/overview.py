"""What a router can do and what is left of it, told without sending anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from freetier import status
from freetier.errors import UnknownModel
from freetier.routing.features import Features, features

if TYPE_CHECKING:
    from freetier.engine import Engine
    from freetier.values.listing import ModelInfo, QuotaStatus


class Overview:
    """The part of a router that tells of itself."""

    _engine: Engine

    def list_models(self) -> tuple[ModelInfo, ...]:
        """Return every alias and canonical model that has a candidate."""
        return status.list_models(self._engine)

    def is_model_available(self, name: str) -> bool:
        """Tell whether a candidate exists by configuration, whatever its quota."""
        try:
            return bool(self._engine.resolve(name).candidates)
        except UnknownModel:
            return False

    def features(self, model: str = "") -> Features:
        """Return what may be asked of an alias, as published to frameworks."""
        setup = self._engine.setup
        found = self._engine.resolve(model).candidates
        return features(found, strict=setup.strict_profile, paid=setup.allow_paid)

    def quota_status(self) -> QuotaStatus:
        """Return one row per account, model and window: limit, used, reserved, left, resets.

        The rows are a sequence, and print as a table with bars.
        """
        return status.quota_status(self._engine)

    def clear_cooldowns(self, account: str | None = None) -> None:
        """Forget blocks and faults, of one account or of all; what was used stays used."""
        status.clear_cooldowns(self._engine, account)

    def reset_usage(self, account: str | None = None) -> None:
        """Forget what was used, of one account or of all; blocks and learned limits stay."""
        status.reset_usage(self._engine, account)
