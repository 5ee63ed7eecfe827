"""What a router can tell without sending anything: models, quota, the order of a request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from freetier.errors import ConfigError, UnknownModel
from freetier.routing import effects as fx
from freetier.routing.candidates import allowed
from freetier.routing.flow import survey
from freetier.routing.pause import take_note
from freetier.routing.steps import encode, fits
from freetier.values.accounts import Candidate
from freetier.values.listing import ModelInfo, QuotaRow, QuotaStatus
from freetier.values.quota import UNTOLD, BlockState, Charge, Scope, Tally
from freetier.values.reports import RouteReport, Standby

if TYPE_CHECKING:
    from freetier.engine import Engine
    from freetier.routing.lines import Line
    from freetier.routing.world import Trip
    from freetier.stores.base import QuotaStore


def list_models(engine: Engine) -> tuple[ModelInfo, ...]:
    """Return every alias and canonical model that has a candidate, aliases first."""
    rows = [*_aliases(engine), *_models(engine)]
    return tuple(rows)


def _aliases(engine: Engine) -> Iterable[ModelInfo]:
    for name in engine.setup.aliases:
        try:
            found = engine.resolve(name).candidates
        except UnknownModel:
            continue
        if found:
            yield _info(name, "alias", found)


def _models(engine: Engine) -> Iterable[ModelInfo]:
    rows: dict[str, list[Candidate]] = {}
    for candidate in engine.index.candidates:
        if allowed(candidate) and not candidate.model.withdrawn:
            rows.setdefault(candidate.model.canonical, []).append(candidate)
    for name, found in sorted(rows.items()):
        kind = "embedding" if found[0].model.embeds else "model"
        yield _info(name, kind, found, tier=max(c.model.tier for c in found))


def _info(name: str, kind: str, found: Iterable[Candidate], tier: int = 0) -> ModelInfo:
    found = tuple(found)
    providers = tuple(dict.fromkeys(c.provider.name for c in found))
    free = any(c.free for c in found)
    return ModelInfo(id=name, kind=kind, providers=providers, tier=tier, free=free)  # type: ignore[arg-type]


def quota_status(engine: Engine) -> QuotaStatus:
    """Return one row per account, model and window that anything is counted in, or could be."""
    store, wall = store_of(engine), engine.clock.now()
    rows: dict[tuple[str, str], QuotaRow] = {}
    for candidate in counted(engine):
        entry = engine.board.entry(candidate)
        lines = [line for line in entry.prepared.lines if line.charge.key == line.told_key]
        charges = _now(engine, candidate, lines, wall)
        found = store.survey(charges, entry.keys.blocks)
        engine.board.adopt(found.tallies)
        charges = _now(engine, candidate, lines, wall)  # under the limits that were told
        block = max(found.blocks.values(), key=lambda b: b.left_ms, default=None)
        for line, charge, tally in zip(lines, charges, found.tallies, strict=True):
            if charge.ceiling >= UNTOLD:
                continue
            key = (candidate.account.id, charge.key)
            rows.setdefault(key, _row(candidate, line, charge, tally, block, wall))
    return QuotaStatus(rows.values(), wall)


def counted(engine: Engine) -> Iterable[Candidate]:
    """Return everything that may have a window, but for what nobody can be sent to."""
    entry = engine.board.entry  # a limit may have been found where none was known
    rows = (c for c in _known(engine) if entry(c).prepared.lines)
    return (c for c in rows if c.named or (allowed(c) and not c.model.withdrawn))


def _known(engine: Engine) -> list[Candidate]:
    """Return what the catalog lists, what was named and used, and accounts that list nothing."""
    ours = {account.id for account in engine.setup.accounts}  # a plan looks at others as well
    used = (c for c in engine.board.candidates() if c.account.id in ours)
    found = [*engine.index.candidates, *used]
    known = {c.account.id for c in found}
    silent = [a for a in engine.setup.accounts if a.id not in known]
    return found + [engine.index.written(account, "*") for account in silent]


def store_of(engine: Engine) -> QuotaStore:
    """Return the store in its synchronous colour.

    Raises:
        ConfigError: It is for tasks only.
    """
    store = engine.store.sync
    if store is None:
        raise ConfigError("this store is for tasks only; it has no synchronous colour")
    return store


def _now(
    engine: Engine, candidate: Candidate, lines: list[Line], wall: float
) -> tuple[Charge, ...]:
    from freetier.routing.charges import charges  # noqa: PLC0415 - a cycle of types only
    from freetier.values.quota import Cost  # noqa: PLC0415

    prepared = engine.board.entry(candidate).prepared
    wanted = {line.charge.key for line in lines}
    found = charges(prepared, Cost(), int(wall * 1000), engine.board.learned)
    return tuple(charge for charge in found if charge.key in wanted)


def _row(
    candidate: Candidate,
    line: Line,
    charge: Charge,
    tally: Tally,
    block: BlockState | None,
    wall: float,
) -> QuotaRow:
    resets = None if tally.resets_in_ms is None else wall + tally.resets_in_ms / 1000
    held = tally.used + tally.reserved
    learned = tally.learned
    if learned is not None and learned.amount != charge.ceiling:
        learned = None  # the user's own limit is lower, and holds
    burst = int(charge.burst)  # of a bucket or pace: what fits at once, if that is less
    return QuotaRow(
        account=candidate.account.id,
        provider=candidate.provider.name,
        model=candidate.model.id if line.limit.scope is Scope.MODEL else None,
        metric=charge.metric,
        window=line.limit.window.label,
        limit=charge.ceiling,
        used=tally.used,
        reserved=tally.reserved,
        left=max(0, (burst or charge.ceiling) - held),
        resets_at=resets,
        source=line.limit.source if learned is None else learned.source,
        as_of=line.limit.as_of if learned is None else _day(learned.at_ms),
        blocked_until=wall + block.left_ms / 1000 if block else None,
        blocked_why=block.fault.value if block else None,
        note=f"{burst} at once" if burst else "",
        at_once=burst,
    )


def _day(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()


def explain(engine: Engine, trip: Trip) -> RouteReport:
    """Return whom a request would go to in which order, and why not others; sends nothing."""
    driver, board = engine.sync, engine.board
    order: list[Standby] = []
    driver.run(_look_at_all(trip))
    while True:
        seat = trip.lineup.best(trip.world.now(), lambda c: c.key in trip.tried or trip.closed(c))
        if seat is None:
            break
        trip.tried.add(seat.candidate.key)
        if not fits(trip, seat.candidate) or encode(trip, seat.candidate) is None:
            continue
        candidate = seat.candidate
        left = board.entry(candidate).share_left
        order.append(Standby(candidate=candidate.key, free=candidate.free, quota_left=left))
    take_note(trip)
    return replace(trip.record.report(), order=tuple(order))


def _look_at_all(trip: Trip) -> fx.Flow[None]:
    """Ask the store about every candidate, however fresh what is known of it."""
    yield from survey(trip, list(trip.lineup.seats))


def clear_cooldowns(engine: Engine, account: str | None) -> None:
    """Forget blocks and faults, of one account or of all."""
    keys = None
    if account is not None:
        mine = _of(engine, account)
        keys = [key for c in mine for key in engine.board.keys(c).all]
    store_of(engine).clear_blocks(keys)
    engine.board.wake(account)


def reset_usage(engine: Engine, account: str | None) -> None:
    """Forget what was used, of one account or of all."""
    keys = None
    if account is not None:
        entries = [engine.board.entry(candidate) for candidate in _of(engine, account)]
        keys = [line.charge.key for entry in entries for line in entry.prepared.lines]
    store_of(engine).reset_usage(keys)
    engine.board.wake(account)


def _of(engine: Engine, account: str) -> list[Candidate]:
    mine = [c for c in _known(engine) if c.account.id == account]
    if not mine:
        known = ", ".join(a.id for a in engine.setup.accounts)
        raise ConfigError(f"no account {account!r}; there are {known}", where="account")
    return mine
