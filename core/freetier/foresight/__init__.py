"""What a router says beforehand: `plan` and `forecast`. Nothing is sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import inf
from typing import TYPE_CHECKING, Any

from freetier.errors import ConfigError
from freetier.late import Late

if TYPE_CHECKING:
    from freetier import overrides
    from freetier.engine import Engine
    from freetier.values import quota
    from freetier.values.options import RouteOptions
    from freetier.values.plans import Forecast, Plan
else:
    overrides, quota = Late("freetier.overrides"), Late("freetier.values.quota")


class Foresight:
    """The part of a router that looks ahead."""

    _engine: Engine
    _options: RouteOptions

    def plan(
        self,
        n_requests: int,
        input_tokens: int,
        output_tokens: int,
        *,
        model: str | None = None,
        by: datetime | timedelta | float | None = None,
        **options: Any,
    ) -> Plan:
        """Tell whether a job fits into the quota, when it ends, and what it waits for.

        Args:
            n_requests: How many requests.
            input_tokens: Tokens of one prompt.
            output_tokens: Tokens of one answer; 0 for an embedding model.
            model: An alias or a model's name; else the default model.
            by: When it has to be done: an instant (without a zone it is local time), a
                `timedelta`, or seconds from now.
            **options: Routing options; see `Router.complete`.

        Raises:
            ConfigError: A number is not positive, the name means nothing, or `by` is past.
            StoreError: The quota store cannot be asked.
        """
        _check(n_requests=n_requests, input_tokens=input_tokens)
        _check(output_tokens=output_tokens + 1)
        wall = self._engine.clock.now()
        until = _until(by, wall)
        from freetier.foresight.asked import Asked  # noqa: PLC0415 - with the first plan
        from freetier.foresight.plans import plan  # noqa: PLC0415

        asked = Asked(
            n=n_requests,
            cost=quota.Cost(input_tokens=input_tokens, output_tokens=output_tokens),
            options=overrides.overridden(self._options, options),
            wall=wall,
        )
        return plan(self._engine, asked, model or "", until)

    def forecast(self) -> Forecast:
        """Tell when each account runs dry at the present pace.

        The pace is that of this router's answers of the last ten minutes; where there are
        none, that of the window itself since it began, which other processes fill as well.

        Raises:
            StoreError: The quota store cannot be asked.
        """
        from freetier.foresight.forecasts import forecast  # noqa: PLC0415 - with the first one

        return forecast(self._engine)


def _check(**numbers: object) -> None:
    for name, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ConfigError("give a whole number that is not negative", where=name)


def _until(by: datetime | timedelta | float | None, wall: float) -> float | None:
    """Return seconds from now until then."""
    if by is None:
        return None
    if isinstance(by, datetime):
        seconds = by.timestamp() - wall
    elif isinstance(by, timedelta):
        seconds = by.total_seconds()
    elif isinstance(by, bool) or not isinstance(by, int | float):
        raise ConfigError("give a datetime, a timedelta or seconds from now", where="by")
    else:
        seconds = float(by)
    if not 0 < seconds < inf:
        raise ConfigError("that is not in the future", where="by")
    return seconds
