"""Granting the wishes that go to a store, in both colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from freetier.drivers.common import Shared, lasting, log, ms, survey_answer
from freetier.routing import effects as fx
from freetier.stores.base import AsyncQuotaStore, QuotaStore
from freetier.values.quota import Denied, Granted

Grants = dict[type[fx.Effect[Any]], Callable[[Any], Any]]

UNSETTLED = "a reservation could not be settled; it counts as its estimate"


class Granting:
    """Store wishes for a thread, or for a task where the store never blocks."""

    def __init__(self, store: QuotaStore, shared: Shared) -> None:
        self._store = store
        self._shared = shared

    def grants(self) -> Grants:
        """Return which method grants which effect."""
        return {
            fx.Survey: self._survey,
            fx.Reserve: self._reserve,
            fx.Settle: self._settle,
            fx.Block: self._block,
            fx.Strike: self._strike,
            fx.Lease: self._lease,
            fx.Release: self._release,
            fx.Observe: self._observe,
        }

    def _survey(self, wish: fx.Survey) -> fx.SurveyAnswer:
        return survey_answer(self._store.survey(wish.charges, wish.guards))

    def _reserve(self, wish: fx.Reserve) -> Granted | Denied:
        return self._store.reserve(wish.reservation, ms(wish.wait))

    def _settle(self, wish: fx.Settle) -> None:
        try:
            self._store.settle(wish.reservation, wish.settlement)
        except Exception:  # noqa: BLE001 - an answer is never lost to its bookkeeping
            log.exception(UNSETTLED)
        self._shared.ring(wish.reservation)

    def _block(self, wish: fx.Block) -> None:
        self._store.block(wish.key, lasting(wish.seconds), wish.fault)

    def _strike(self, wish: fx.Strike) -> int:
        return self._store.record_fault(wish.key, ms(wish.span) or 0)

    def _lease(self, wish: fx.Lease) -> bool:
        return self._store.lease(wish.key, wish.owner, ms(wish.ttl) or 0)

    def _release(self, wish: fx.Release) -> None:
        self._store.release(wish.key, wish.owner, clear=wish.clear)

    def _observe(self, wish: fx.Observe) -> None:
        for charge, said in wish.observed:
            self._store.observe(charge, said, ms(wish.sent_ago) or 0)


class AsyncGranting:
    """Store wishes for a task."""

    def __init__(self, store: AsyncQuotaStore, shared: Shared) -> None:
        self._store = store
        self._shared = shared

    def grants(self) -> Grants:
        """Return which method grants which effect."""
        return {
            fx.Survey: self._survey,
            fx.Reserve: self._reserve,
            fx.Settle: self._settle,
            fx.Block: self._block,
            fx.Strike: self._strike,
            fx.Lease: self._lease,
            fx.Release: self._release,
            fx.Observe: self._observe,
        }

    async def _survey(self, wish: fx.Survey) -> fx.SurveyAnswer:
        return survey_answer(await self._store.survey(wish.charges, wish.guards))

    async def _reserve(self, wish: fx.Reserve) -> Granted | Denied:
        return await self._store.reserve(wish.reservation, ms(wish.wait))

    async def _settle(self, wish: fx.Settle) -> None:
        try:
            await self._store.settle(wish.reservation, wish.settlement)
        except Exception:  # noqa: BLE001 - an answer is never lost to its bookkeeping
            log.exception(UNSETTLED)
        self._shared.ring(wish.reservation)

    async def _block(self, wish: fx.Block) -> None:
        await self._store.block(wish.key, lasting(wish.seconds), wish.fault)

    async def _strike(self, wish: fx.Strike) -> int:
        return await self._store.record_fault(wish.key, ms(wish.span) or 0)

    async def _lease(self, wish: fx.Lease) -> bool:
        return await self._store.lease(wish.key, wish.owner, ms(wish.ttl) or 0)

    async def _release(self, wish: fx.Release) -> None:
        await self._store.release(wish.key, wish.owner, clear=wish.clear)

    async def _observe(self, wish: fx.Observe) -> None:
        for charge, said in wish.observed:
            await self._store.observe(charge, said, ms(wish.sent_ago) or 0)
