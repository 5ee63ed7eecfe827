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
    live = {c.model.id for c in mine if _is_live(c)}
    named = _named(engine, account)
    endings = quirks.models_endings
    return replace(
        check,
        gone=_missing(live | named, told, endings),
        wanted=_missing(named, told, endings),
    )


def _missing(names: Iterable[str], told: Found, endings: Collection[str]) -> tuple[str, ...]:
    ids = {_bare(one.id, endings) for one in told}
    return tuple(sorted(name for name in names if _bare(name, endings) not in ids))


def _bare(name: str, endings: Collection[str]) -> str:
    """Return an id as it is compared: without case, and without an ending that is no part of it."""
    head, _, ending = name.casefold().rpartition(":")
    is_apart = head and any(fnmatchcase(ending, pattern) for pattern in endings)
    return head if is_apart else name.casefold()


def _noted(one: Listed, patterns: Collection[str]) -> bool:
    return not patterns or any(fnmatchcase(one.id, pattern) for pattern in patterns)


def _is_live(candidate: Candidate) -> bool:
    return candidate.model.status == "active" and allowed(candidate)


def _named(engine: Engine, account: Account) -> set[str]:
    """Return the ids of an account's models that the configuration names itself."""
    setup = engine.setup
    names = [name for name, alias in setup.aliases.items() if alias.selector is None]
    names += [name for name in (setup.default_model, setup.default_embedding_model) if name]
    found = [c for name in names for c in _candidates(engine, name) if c.account.id == account.id]
    for name in account.models:
        found += engine.index.listed(account, name) or engine.index.unlisted(account, name)
    return {c.model.id for c in found}


def _candidates(engine: Engine, name: str) -> tuple[Candidate, ...]:
    alias = engine.setup.aliases.get(name)
    if alias is not None and alias.selector is not None:
        return ()
    try:
        return tuple(engine.resolve(name).candidates)
    except ConfigError:
        return ()
