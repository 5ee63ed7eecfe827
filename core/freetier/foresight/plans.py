"""A plan: the job filled into the pool, and what it waits for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from freetier.foresight.asked import Asked, able_of
from freetier.foresight.gains import gains_of
from freetier.foresight.pool import Pool
from freetier.planning.fill import HORIZON, Source, fill
from freetier.values.accounts import Candidate
from freetier.values.plans import Bottleneck, Plan, Share
from freetier.values.quota import Charge

if TYPE_CHECKING:
    from freetier.engine import Engine


def plan(engine: Engine, asked: Asked, model: str, until: float | None) -> Plan:
    """Return whether a job fits; `until` is seconds from now."""
    resolved = engine.resolve(model)
    able, skipped = able_of(resolved.candidates, asked)
    pool = Pool(engine, asked)
    sources = pool.sources(able)
    whole = fill(sources, asked.n, HORIZON)
    ends = whole.last + pool.each(able) if whole.complete else None
    served = whole.served
    if until is not None and (ends is None or ends > until):
        served = fill(pool.sources(able), asked.n, until).served
    gains = gains_of(engine, asked, model, able, ends) if whole.last or not whole.complete else ()
    return Plan(
        model=model or engine.setup.default_model or resolved.name,
        n_requests=asked.n,
        input_tokens=asked.cost.input_tokens,
        output_tokens=asked.cost.output_tokens,
        fits=ends is not None and (until is None or ends <= until),
        starts_at=asked.wall,
        ends_at=None if ends is None else asked.wall + ends,
        by=None if until is None else asked.wall + until,
        served=served,
        horizon=HORIZON,
        shares=_shares(able, sources, asked.wall),
        bottleneck=_bottleneck(able, sources, pool.says),
        gains=gains,
        skipped=skipped,
        notes=(*resolved.notes, *_notes(able)),
    )


def _shares(
    candidates: Sequence[Candidate], sources: Sequence[Source], wall: float
) -> tuple[Share, ...]:
    served: dict[str, list[tuple[Candidate, Source]]] = {}
    for candidate, source in zip(candidates, sources, strict=True):
        if source.served:
            served.setdefault(candidate.account.id, []).append((candidate, source))
    rows = []
    for account, pairs in served.items():
        pairs.sort(key=lambda pair: -pair[1].served)
        rows.append(
            Share(
                account=account,
                provider=pairs[0][0].provider.name,
                models=tuple(candidate.model.id for candidate, _ in pairs),
                requests=sum(source.served for _, source in pairs),
                last_at=wall + max(source.last for _, source in pairs),
            )
        )
    return tuple(sorted(rows, key=lambda row: -row.requests))


def _bottleneck(
    candidates: Sequence[Candidate], sources: Sequence[Source], says: Mapping[str, str]
) -> Bottleneck | None:
    sharers = Counter(id(each) for source in sources for each in source.supplies)
    known = {
        id(each): (candidate.provider.name, each)
        for candidate, source in zip(candidates, sources, strict=True)
        for each in source.supplies
        if each.waited
    }
    waited: dict[tuple[str, str], float] = {}
    limits: dict[tuple[str, str], Charge] = {}
    for provider, each in known.values():
        name = provider, each.charge.key.rpartition("}|")[2]
        # Models that share a limit wait for it together: that is one wait.
        waited[name] = waited.get(name, 0.0) + each.waited / sharers[id(each)]
        limits[name] = each.charge
    if not waited:
        return None
    name = max(waited, key=waited.__getitem__)
    charge = limits[name]
    return Bottleneck(
        provider=name[0],
        metric=charge.metric,
        window=charge.key.rpartition("|")[2],
        limit=charge.ceiling,
        waited=waited[name],
        source=says[charge.key],
    )


def _notes(able: Sequence[Candidate]) -> Iterable[str]:
    if not able:
        yield "no candidate can take such a request"
    free = [c.account.id for c in able if not c.limits]
    if free:
        yield f"no limit is known of {', '.join(dict.fromkeys(free))}: it may take all at once"
