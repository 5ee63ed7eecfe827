"""Limits of a provider file as values: the lowest trusted figure, the clock of its span."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from freetier.catalog.checks import NEEDED
from freetier.catalog.fields import SPANS, hint
from freetier.catalog.schema import ClockRow, FigureRow, LimitRow, ModelRow, ProviderRow
from freetier.catalog.sources import Sources
from freetier.errors import ConfigError
from freetier.values.quota import UNTOLD, Kind, Limit, Metric, Scope, Window

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNITS: Mapping[float, Literal["day", "week", "month"]] = {
    SPANS["day"]: "day",
    SPANS["week"]: "week",
    SPANS["month"]: "month",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a limit stands, and what its surroundings say for it."""

    path: str
    scope: Scope
    source: str | None = None
    as_of: str | None = None
    unit_rate: float | None = None


@dataclass(frozen=True, slots=True)
class LimitMaker:
    """Turns the limit rows of one provider into limits.

    Attributes:
        provider: The provider's row: its clocks, its limit sets, how it counts.
        where: Its file, for error texts.
        sources: How far each source is trusted.
    """

    provider: ProviderRow
    where: str
    sources: Sources

    def of_account(self) -> tuple[Limit, ...]:
        """Return the limits that hold for all models of an account together.

        Raises:
            ConfigError: One of them is a limit of a single model, or has no source.
        """
        limits = []
        for n, row in enumerate(self.provider.limits):
            if row.scope is Scope.MODEL:
                text = "a limit of one model stands in its row or in a limit set"
                raise ConfigError(text, where=self.where, path=f"limits[{n}].scope")
            limits.append(self._limit(row, _Place(path=f"limits[{n}]", scope=Scope.ACCOUNT)))
        return tuple(limits)

    def of_model(self, model: ModelRow, path: str) -> tuple[Limit, ...]:
        """Return the limits of one model: those of its set, and its own instead or besides.

        Args:
            model: The model's row.
            path: Where the row stands.

        Raises:
            ConfigError: There is no such set, or a limit has no source.
        """
        name, sets, rate = model.limit_set, self.provider.limit_sets, model.unit_rate
        if name is not None and name not in sets:
            text = f"there is no set {name!r}{hint(name, sets)}"
            raise ConfigError(text, where=self.where, path=f"{path}.limit_set")
        limits: dict[tuple[Metric, float, Scope], Limit] = {}
        for n, row in enumerate(sets[name] if name is not None else ()):
            place = _Place(path=f"limit_sets.{name}[{n}]", scope=Scope.MODEL, unit_rate=rate)
            limit = self._limit(row, place)
            limits[limit.metric, limit.window.span, limit.scope] = limit
        for n, row in enumerate(model.limits):
            place = _Place(
                path=f"{path}.limits[{n}]",
                scope=Scope.MODEL,
                source=model.source,
                as_of=model.as_of,
                unit_rate=rate,
            )
            limit = self._limit(row, place)
            limits[limit.metric, limit.window.span, limit.scope] = limit
        return tuple(limits.values())

    def untold(self) -> tuple[Limit, ...]:
        """Return the windows that headers may speak of, of one model each; rolling if unknown."""
        spoken = {
            (header.metric, header.per)
            for header in self.provider.headers.values()
            if header.role == "limit" and header.metric is not None and header.per is not None
        }
        limits = []
        for metric, per in sorted(spoken):
            row = LimitRow.model_construct(metric=metric, per=per, kind=None, zone=None, burst=None)
            window = self._window(row, _Place(path="headers", scope=Scope.MODEL))
            if window.kind is Kind.UNKNOWN:
                window = replace(window, kind=Kind.ROLLING)
            limits.append(Limit(metric=metric, amount=UNTOLD, window=window, source="untold"))
        return tuple(limits)

    def _limit(self, row: LimitRow, place: _Place) -> Limit:
        figure = self._pacing(row, place)
        refused = row.counts_refused
        return Limit(
            metric=row.metric,
            amount=figure.amount,
            window=self._window(row, place),
            scope=row.scope or place.scope,
            counted_at=row.counted_at or self.provider.counted_at,
            counts_refused=self.provider.counts_refused if refused is None else refused,
            precharge=row.precharge,
            rate=self._rate(row, place),
            pool=row.pool,
            source="guess" if figure.confidence == "low" else self.sources.kind(figure.source),
            as_of=figure.as_of,
        )

    def _pacing(self, row: LimitRow, place: _Place) -> FigureRow:
        """Return the lowest figure that is trusted, or the lowest of all if none is."""
        if row.amount is None:
            trusted = [figure for figure in row.figures if figure.confidence != "low"]
            return min(trusted or row.figures, key=lambda figure: figure.amount)
        source, as_of = row.source or place.source, row.as_of or place.as_of
        if source is None or as_of is None:
            missing = "source" if source is None else "as_of"
            text = f"a limit needs `{missing}`: {NEEDED[missing]}"
            raise ConfigError(text, where=self.where, path=place.path)
        return FigureRow(amount=row.amount, source=source, as_of=as_of, confidence=row.confidence)

    def _rate(self, row: LimitRow, place: _Place) -> float:
        if row.metric is not Metric.UNITS:
            return 1.0
        rate = row.rate or place.unit_rate
        if rate is None:
            text = "a limit in units needs a `rate`, or the model a `unit_rate`: units per token"
            raise ConfigError(text, where=self.where, path=place.path)
        return rate

    def _window(self, row: LimitRow, place: _Place) -> Window:
        if row.per is None:
            return Window(kind=Kind.CONCURRENT, span=0.0)
        clocks = self.provider.clocks
        clock = next((c for word, c in clocks.items() if SPANS[word] == row.per), ClockRow())
        kind = row.kind or clock.kind
        unit = _UNITS.get(row.per) if kind is Kind.CALENDAR else None
        if kind is Kind.CALENDAR and unit is None:
            text = "a calendar has days, weeks and months"
            raise ConfigError(text, where=self.where, path=f"{place.path}.per")
        return Window(
            kind=kind,
            span=row.per,
            unit=unit,
            zone=row.zone or clock.zone or self.provider.day_zone or "UTC",
            burst=row.burst or clock.burst,
        )
