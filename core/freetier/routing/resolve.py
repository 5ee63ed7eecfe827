"""What a name means: the candidates behind it, in the order of decisions 5.

Look-up: user ladder or alias, canonical name and variants, shipped alias, then ids.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal

from freetier.errors import ConfigError, UnknownModel
from freetier.routing.candidates import Index, allowed
from freetier.values.accounts import Account, Alias, Candidate, Selector, Step

LISTED = frozenset({"active", "uncertain"})
"""States in which a model joins a shipped alias; the others cost a refused request."""

FALLBACK = "best"
"""What an empty name means where the setup has no default model."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Resolved:
    """The meaning of a name; made once per name and kept by the caller.

    Attributes:
        name: As it was asked for.
        candidates: In declared order; withdrawn models come after the live ones.
        by_tier: Whether the alias orders by tier.
        descending: Whether the highest tier comes first, if it does.
        strategy: The alias's own strategy, if it has one.
        on_content_refused: What the alias wants done then.
        notes: Readable remarks for the report, and for one warning each.
    """

    name: str
    candidates: tuple[Candidate, ...] = ()
    by_tier: bool = False
    descending: bool = True
    strategy: str | None = None
    on_content_refused: Literal["stop", "next"] = "stop"
    notes: tuple[str, ...] = ()

    def tier_rank(self, candidate: Candidate) -> int:
        """Return the place of a candidate's tier in the order of this alias; 0 without one."""
        if not self.by_tier:
            return 0
        return -candidate.model.tier if self.descending else candidate.model.tier


def resolve(index: Index, name: str, today: str = "") -> Resolved:
    """Find what a name means.

    Args:
        index: All candidates.
        name: An alias, a canonical name, a provider's id, `provider:id` or `provider/id`;
            empty means the default model.
        today: The date, ISO, by which a model may be gone that was not yet when it was listed.

    Raises:
        UnknownModel: It means nothing; the text has the nearest names.
        ConfigError: Aliases name each other in a circle.
    """
    found = _look_up(index, name or index.setup.default_model or FALLBACK, ())
    if found is None:
        raise _unknown(index, name or index.setup.default_model or FALLBACK)
    live = tuple(c for c in found.candidates if not c.model.withdrawn)
    gone = tuple(c for c in found.candidates if c.model.withdrawn)
    ended = (c for c in live if c.model.gone_since and c.model.gone_since <= today)
    notes = dict.fromkeys((*found.notes, *map(_withdrawn_note, gone), *map(_ended_note, ended)))
    return replace(found, name=name, candidates=(*live, *gone), notes=tuple(notes))


def _look_up(index: Index, name: str, trail: tuple[str, ...]) -> Resolved | None:
    """Return what a name means; `trail` holds the aliases that led here."""
    aliases = index.setup.aliases
    alias = aliases.get(name)
    if alias is not None and alias.selector is None:
        return _ladder(index, alias, trail)
    if by_name := index.named(name):
        return _named(name, by_name)
    alias = alias or aliases.get(name.casefold())
    if alias is not None and alias.selector is not None:
        return _selected(index, alias, alias.selector)
    return _by_id(index, name)


def _named(name: str, candidates: tuple[Candidate, ...], *notes: str) -> Resolved:
    named = tuple(replace(c, named=True) for c in candidates)
    return Resolved(name=name, candidates=named, notes=notes)


def _by_id(index: Index, name: str) -> Resolved | None:
    owner, _, model = name.partition(":")
    if model and (accounts := index.accounts(owner)):
        return _pinned(index, name, accounts, model)
    owner, _, model = name.partition("/")
    accounts = index.accounts(owner) if model else ()
    if any(_serves(index, account, model) for account in accounts):
        return _pinned(index, name, accounts, model)
    if by_id := index.with_id(name):
        return _named(name, by_id)
    return _pinned(index, name, accounts, model) if accounts else None


def _serves(index: Index, account: Account, model: str) -> bool:
    """Tell whether an account lists a model, or belongs to a provider of the user's own."""
    own = index.setup.providers[account.provider].status == "own"
    return own or bool(index.listed(account, model))


def _pinned(index: Index, name: str, accounts: tuple[Account, ...], model: str) -> Resolved:
    """Return one model at some accounts, as written where it is not listed."""
    found: list[Candidate] = []
    notes = []
    for account in accounts:
        listed = index.listed(account, model)
        found.extend(listed or index.unlisted(account, model))
        provider = index.setup.providers[account.provider]
        named = bool(listed) or model in account.models  # a warning of the router tells of that
        if not named and provider.status not in {"own", "local"}:
            notes.append(f"{provider.name} is not known to have {model!r}; it is sent as written")
    return _named(name, tuple(found), *notes)


def _ladder(index: Index, alias: Alias, trail: tuple[str, ...]) -> Resolved:
    if alias.name in trail:
        circle = " -> ".join((*trail[trail.index(alias.name) :], alias.name))
        raise ConfigError(
            f"aliases name each other in a circle: {circle}",
            where=index.setup.origin,
            path=f"aliases.{alias.name}",
        )
    parts = [_rung(index, alias, step, (*trail, alias.name)) for step in alias.steps]
    only = parts[0] if len(parts) == 1 else Resolved(name=alias.name)
    return Resolved(
        name=alias.name,
        candidates=_stacked(alias.steps, parts),
        by_tier=only.by_tier,
        descending=only.descending,
        strategy=alias.strategy or only.strategy,
        on_content_refused=alias.on_content_refused,
        notes=tuple(note for part in parts for note in part.notes),
    )


def _rung(index: Index, alias: Alias, step: Step, trail: tuple[str, ...]) -> Resolved:
    """Return what one step of a ladder means; nothing, with a note, if nobody serves it."""
    owner = step.account or step.provider
    if owner is None:
        found = _look_up(index, step.model, trail)
        if found is None:
            raise _unknown(index, step.model, f"(alias {alias.name!r} names it)")
        return found
    accounts = index.accounts(owner)
    if step.account is not None:
        accounts = tuple(a for a in index.setup.accounts if a.id == step.account)
    if not accounts:
        note = f"alias {alias.name!r}: no account serves {owner!r}, so {step.model!r} is left out"
        return Resolved(name=step.model, notes=(note,))
    return _pinned(index, step.model, accounts, step.model)


def _stacked(steps: tuple[Step, ...], parts: list[Resolved]) -> tuple[Candidate, ...]:
    """Number the rungs from the first on; a candidate found twice keeps its first place."""
    found: dict[str, Candidate] = {}
    base = 0
    for step, part in zip(steps, parts, strict=True):
        for candidate in part.candidates:
            placed = replace(
                candidate, step=base + candidate.step, weight=step.weight * candidate.weight
            )
            found.setdefault(candidate.key, placed)
        base += 1 + max((c.step for c in part.candidates), default=0)
    return tuple(found.values())


def _selected(index: Index, alias: Alias, selector: Selector) -> Resolved:
    sign = -1 if selector.descending else 1
    fitting = [c for c in index.candidates if _fits(selector, c)]
    fitting.sort(key=lambda c: (sign * c.model.tier, c.order))
    if selector.first_found:
        fitting = _first_found(fitting)
    return Resolved(
        name=alias.name,
        candidates=tuple(fitting),
        by_tier=True,
        descending=selector.descending,
        strategy=alias.strategy,
        on_content_refused=alias.on_content_refused,
    )


def _fits(selector: Selector, candidate: Candidate) -> bool:
    model = candidate.model
    return (
        model.tier in selector.tiers
        and model.status in LISTED
        and not (model.special or model.embeds)
        and selector.needs <= model.capabilities
        and (model.context or 0) >= selector.min_context
        and allowed(candidate)
    )


def _first_found(candidates: list[Candidate]) -> list[Candidate]:
    """Return whole tiers up to the first that holds a free candidate.

    A tier of paid candidates alone does not end the search: most requests may not pay.
    """
    tiers = list(dict.fromkeys(c.model.tier for c in candidates))
    last = next((c.model.tier for c in candidates if c.free), tiers[0] if tiers else 0)
    taken = tiers[: tiers.index(last) + 1] if tiers else []
    return [c for c in candidates if c.model.tier in taken]


def _withdrawn_note(candidate: Candidate) -> str:
    return f"{_name(candidate)} is withdrawn{_since(candidate)}; it is tried after all others"


def _ended_note(candidate: Candidate) -> str:
    return f"{_name(candidate)} was announced to be gone{_since(candidate)}"


def _name(candidate: Candidate) -> str:
    return f"{candidate.provider.name}/{candidate.model.id}"


def _since(candidate: Candidate) -> str:
    model = candidate.model
    since = f" since {model.gone_since}" if model.gone_since else ""
    return since + (f", replaced by {model.replaced_by}" if model.replaced_by else "")


def _unknown(index: Index, name: str, hint: str = "") -> UnknownModel:
    names = {known.casefold(): known for known in index.names()}
    close = get_close_matches(name.casefold(), list(names), n=3)
    if not index.setup.accounts:
        hint = f"{hint} (there is no account)".strip()
    if not close and not hint:
        hint = "(`freetier models` and `list_models()` tell the names there are)"
    return UnknownModel(name, tuple(names[known] for known in close), hint=hint)
