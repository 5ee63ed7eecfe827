"""What a router can do and what is left of it, told without sending anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from freetier.errors import FreetierError, RouteError, UnknownModel
from freetier.late import Late
from freetier.values.faults import KEY_FAULTS
from freetier.values.sheets import Sheet, Shown

if TYPE_CHECKING:
    from freetier import checkup, status
    from freetier.engine import Engine
    from freetier.history import History
    from freetier.hooks import Listener
    from freetier.routing import features as published
    from freetier.routing.features import Features
    from freetier.values import checkup as told
    from freetier.values.accounts import Candidate
    from freetier.values.checkup import AccountCheck, Checkup, Prospect, Prospects
    from freetier.values.listing import ModelInfo, QuotaStatus
    from freetier.values.reports import Completion, RouteReport
else:
    checkup, status = Late("freetier.checkup"), Late("freetier.status")
    published, told = Late("freetier.routing.features"), Late("freetier.values.checkup")

MAX_AGE = 120
"""Days; a free tier's terms and figures have changed by then, more often than not."""


class Overview(Shown):
    """The part of a router that tells of itself."""

    _engine: Engine

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is accepted but does less than it seems, and what was found out since."""
        return (*self._engine.setup.warnings, *self._engine.board.drains.findings)

    def __str__(self) -> str:
        return repr(self)  # in a log it asks no store

    def sheets(self) -> tuple[Sheet, ...]:
        """Return the tables that show the router: its accounts, what is left, its warnings."""
        from freetier.display.routers import sheets  # noqa: PLC0415 - only those who look load it

        try:
            rows: QuotaStatus | str = self.quota_status()
        except FreetierError as error:
            rows = str(error)
        return sheets(self._engine.setup, rows, self.warnings)

    complete: Callable[..., Completion]
    acomplete: Callable[..., Awaitable[Completion]]
    explain: Callable[..., RouteReport]

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
        engine, setup = self._engine, self._engine.setup
        found = engine.features.get(model)
        if found is None:  # frameworks ask with every call
            candidates = engine.resolve(model).candidates
            found = engine.features[model] = published.features(
                candidates, strict=setup.strict_profile, paid=setup.allow_paid
            )
        return found

    def quota_status(self) -> QuotaStatus:
        """Return one row per account, model and window: limit, used, reserved, left, resets.

        The rows are a sequence, and print as a table with bars.
        """
        return status.quota_status(self._engine)

    def prospects(self, *names: str) -> Prospects:
        """Return whom each name would be answered by, in order, as things stand now.

        The rows are a sequence, and print as one table for each name; nothing is sent.

        Args:
            *names: Aliases or models; without any, every alias.

        Raises:
            UnknownModel: One of them means nothing here.
        """
        rows: list[Prospect] = []
        nobody = []
        for name in names or self._engine.setup.aliases:
            found = self._of(name, strict=bool(names))
            rows += found
            if not any(not row.why for row in found):
                nobody.append(name)
        infos = () if names else self.list_models()
        vectors = tuple(info.id for info in infos if info.kind == "embedding")
        return told.Prospects(rows, tuple(nobody), vectors)

    def _of(self, name: str, *, strict: bool) -> list[Prospect]:
        try:
            report = self.explain(model=name)
        except UnknownModel:
            if strict:
                raise
            return []
        by_key = {c.key: c for c in self._engine.resolve(name).candidates}
        ready = [_prospect(name, by_key[one.candidate], one.quota_left) for one in report.order]
        if any(row.share_left <= 0 for row in ready):
            ready = _without_quota(ready, self.quota_status())
        return ready + [
            replace(
                _prospect(name, by_key[skip.candidate], 0.0),
                back_in=skip.back_in,
                why=skip.detail or skip.reason.replace("_", " "),
            )
            for skip in report.skipped
            if skip.candidate in by_key
        ]

    def check(self, *accounts: str, max_age: int = MAX_AGE, spend: bool = False) -> Checkup:
        """Ask the providers what they say of our keys and of their models.

        Nothing is generated and no request's quota is spent, but for `spend`. An account
        that was left alone because its key was refused is asked again from now on if the
        key is good.

        Args:
            *accounts: Labels; without any, every account.
            max_age: Days after which a figure of the catalog counts as old.
            spend: Test a key that nothing else tells of by one request for one token.

        Raises:
            ConfigError: There is no such account.
        """
        engine = self._engine
        found = engine.sync.run(checkup.checkup(engine, checkup.wanted(engine, accounts, max_age)))
        checks = list(found.accounts)
        for place, how in _tests(engine, checks) if spend else ():
            try:
                self.complete("Hi", **how)
            except RouteError as error:
                checks[place] = _tested(checks[place], error)
            else:
                checks[place] = _tested(checks[place], None)
        return replace(found, accounts=tuple(checks))

    async def acheck(self, *accounts: str, max_age: int = MAX_AGE, spend: bool = False) -> Checkup:
        """Ask the providers what they say of our keys and of their models; see `check`."""
        engine = self._engine
        found = await engine.aio.run(
            checkup.checkup(engine, checkup.wanted(engine, accounts, max_age))
        )
        checks = list(found.accounts)
        for place, how in _tests(engine, checks) if spend else ():
            try:
                await self.acomplete("Hi", **how)
            except RouteError as error:
                checks[place] = _tested(checks[place], error)
            else:
                checks[place] = _tested(checks[place], None)
        return replace(found, accounts=tuple(checks))

    @property
    def history(self) -> History:
        """The last attempts, bounded; prints as a table and feeds `freetier.plots`."""
        return self._engine.history

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell one more listener of every step from now on.

        Args:
            listener: Called with each `RouteEvent`; it cannot break a call.

        Returns:
            What ends it.
        """
        listeners = self._engine.shared.listeners
        listeners.append(listener)

        def end() -> None:
            if listener in listeners:
                listeners.remove(listener)

        return end

    def clear_cooldowns(self, account: str | None = None) -> None:
        """Forget blocks and faults, of one account or of all; what was used stays used."""
        status.clear_cooldowns(self._engine, account)

    def reset_usage(self, account: str | None = None) -> None:
        """Forget what was used, of one account or of all; blocks and learned limits stay."""
        status.reset_usage(self._engine, account)


def _prospect(name: str, candidate: Candidate, left: float) -> Prospect:
    model = candidate.model
    return told.Prospect(
        name=name,
        account=candidate.account.id,
        provider=candidate.provider.name,
        model=model.id,
        tier=model.tier,
        free=candidate.free,
        context=model.context,
        capabilities=tuple(sorted(model.capabilities)),
        share_left=left,
    )


def _without_quota(rows: Iterable[Prospect], quota: QuotaStatus) -> list[Prospect]:
    """Return rows of which those without quota say when it is back; they come last."""
    found = []
    for row in rows:
        ends = [
            limit.resets_at
            for limit in quota
            if limit.account == row.account and limit.model in {None, row.model} and not limit.left
        ]
        full = row.share_left <= 0
        known = [end - quota.at for end in ends if end is not None]
        back_in = max(known) if known and len(known) == len(ends) else None
        found.append(replace(row, back_in=back_in, why="out of quota") if full else row)
    return sorted(found, key=lambda row: bool(row.why))


def _tests(engine: Engine, checks: Iterable[AccountCheck]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the smallest request that tests each key of which nothing is known."""
    for place, check in enumerate(checks):
        if check.key != "untested" or check.problem:
            continue
        mine = [c for c in engine.index.candidates if c.account.id == check.account and c.free]
        able = [c for c in mine if c.model.status == "active" and not c.model.embeds]
        for candidate in able[:1]:
            yield (
                place,
                {
                    "model": candidate.model.id,
                    "only": (candidate.key,),
                    "max_tokens": 1,
                    "attempts": 1,
                    "max_wait": 0,
                },
            )


def _tested(check: AccountCheck, error: RouteError | None) -> AccountCheck:
    """Return a check with what one request for one token told."""
    attempts = error.report.attempts if error is not None else ()
    if error is None:
        return replace(check, key="accepted", note="tested by one request")
    if attempts and attempts[-1].fault in KEY_FAULTS:
        return replace(check, key="refused", problem=f"{attempts[-1].fault}: {attempts[-1].detail}")
    return replace(check, note=f"one request was not answered: {error}".splitlines()[0][:200])
