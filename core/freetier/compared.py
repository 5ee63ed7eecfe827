"""How a provider's own list of models differs from what the catalogue and the configuration say."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from freetier.errors import ConfigError
from freetier.routing.candidates import allowed
from freetier.values.accounts import Account, Candidate
from freetier.values.checkup import AccountCheck, Changed, Listed

if TYPE_CHECKING:
    from freetier.engine import Engine

Found = tuple[Listed, ...]

PARTIAL = "its list leaves out models that it serves, so that a missing one says nothing"


def compared(engine: Engine, account: Account, check: AccountCheck, told: Found) -> AccountCheck:
    """Return a check with how a list differs from what we know."""
    mine = engine.index.of_account(account)
    quirks = engine.setup.providers[account.provider].quirks
    known = {name.casefold(): c.model for c in mine for name in (c.model.id, *c.model.variants)}
    changed = [
        Changed(id=one.id, known=model.context, told=one.context)
        for one in told
        if (model := known.get(one.id.casefold())) and model.context and one.context
        if one.context != model.context
    ]
    new = [one for one in told if one.id.casefold() not in known]
    check = replace(
        check,
        listed=len(told),
        new=tuple(one for one in new if _noted(one, quirks.models_noted)),
        changed=tuple(changed),
    )
    if quirks.models_partial:
        return replace(check, note=PARTIAL)
    ids = {one.id.casefold() for one in told}
    live = {c.model.id for c in mine if _is_live(c)}
    return replace(check, gone=_missing(live, ids), wanted=_missing(_named(engine, account), ids))


def _missing(names: Iterable[str], ids: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(name for name in names if name.casefold() not in ids))


def _noted(one: Listed, patterns: Collection[str]) -> bool:
    return not patterns or any(fnmatchcase(one.id, pattern) for pattern in patterns)


def _is_live(candidate: Candidate) -> bool:
    return candidate.model.status == "active" and allowed(candidate)


def _named(engine: Engine, account: Account) -> set[str]:
    """Return the ids of an account's models that the configuration names itself."""
    setup = engine.setup
    names = [name for name, alias in setup.aliases.items() if alias.selector is None]
    names += [name for name in (setup.default_model, setup.default_embedding_model) if name]
    found = {c.model.id for name in names for c in _candidates(engine, name)}
    mine = engine.index.of_account(account)
    listed_here = {c.model.id for c in mine if account.models and allowed(c)}
    return (found & {c.model.id for c in mine}) | listed_here


def _candidates(engine: Engine, name: str) -> tuple[Candidate, ...]:
    alias = engine.setup.aliases.get(name)
    if alias is not None and alias.selector is not None:
        return ()
    try:
        return tuple(engine.resolve(name).candidates)
    except ConfigError:
        return ()
