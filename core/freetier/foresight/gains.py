"""What one account more would bring to a job."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

from freetier.errors import ConfigError
from freetier.foresight.asked import Asked, able_of
from freetier.foresight.pool import Pool
from freetier.planning.fill import HORIZON, fill
from freetier.routing.candidates import Index
from freetier.routing.resolve import resolve
from freetier.values.accounts import Account, Candidate
from freetier.values.plans import Gain

if TYPE_CHECKING:
    from freetier.engine import Engine
    from freetier.values.providers import Provider

AT_MOST = 3
"""How many of the best ways to gain are told."""

ALONE = frozenset({"forbidden", "forbidden_for_consumers", "limits_may_not_be_circumvented"})
"""Terms under which a second account at the same provider is not proposed."""

OFFERED = frozenset({"free", "keyless"})
"""Status of providers that are proposed to those who have no account there."""

KEPT = OFFERED | {"free_uncertain", "trial_credit", "own"}
"""Status of providers where one account more may be had."""

ANOTHER = "one more"


def gains_of(
    engine: Engine, asked: Asked, model: str, able: tuple[Candidate, ...], ends: float | None
) -> tuple[Gain, ...]:
    """Try the job with one account more at each provider where that is allowed."""
    pool, found = Pool(engine, asked), []
    for provider, new in _offers(engine):
        more = _with_account(engine, provider, model, asked)
        if not more:
            continue
        sources = [*pool.sources(able), *pool.sources(more, fresh=True)]
        whole = fill(sources, asked.n, HORIZON)
        then = whole.last + pool.each(able) if whole.complete else None
        saves = None if then is None or ends is None else ends - then
        if then is not None and (saves is None or saves > 0):
            found.append(
                Gain(
                    provider=provider.name,
                    title=provider.title,
                    new=new,
                    ends_at=asked.wall + then,
                    saves=saves,
                    key_page=provider.key_page,
                )
            )
    found.sort(key=lambda gain: gain.ends_at or inf)
    return tuple(found[:AT_MOST])


def _offers(engine: Engine) -> Iterable[tuple[Provider, bool]]:
    """Return providers where one account more may be had, and whether it is the first there."""
    from freetier import catalog  # noqa: PLC0415 - all of it, and only for this

    mine = engine.setup.providers
    for provider in mine.values():
        if provider.status in KEPT and provider.several_accounts not in ALONE:
            yield provider, False
    taken = {variable for provider in mine.values() for variable in provider.key_env}
    for name in catalog.provider_names():
        provider = catalog.provider(name)
        again = taken.intersection(provider.key_env)  # the same account in another language
        if name not in mine and provider.status in OFFERED and not again:
            taken.update(provider.key_env)
            yield provider, True


def _with_account(
    engine: Engine, provider: Provider, model: str, asked: Asked
) -> tuple[Candidate, ...]:
    """Return what one account more at a provider could answer, where its limits are known."""
    setup = engine.setup
    mine = [account for account in setup.accounts if account.provider == provider.name]
    like = mine[0] if mine else Account(id=ANOTHER, provider=provider.name)
    account = replace(like, id=ANOTHER, pool=None)
    larger = replace(
        setup,
        accounts=(*setup.accounts, account),
        providers={**setup.providers, provider.name: provider},
    )
    try:
        found = resolve(Index(larger), model).candidates
    except ConfigError:
        return ()
    offered = [c for c in found if c.account.id == ANOTHER and c.limits]
    return able_of(offered, asked)[0]
