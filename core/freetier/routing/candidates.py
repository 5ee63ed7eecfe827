"""Every pair of account and model of a setup, made once and found by all the names it goes by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from freetier.errors import ConfigError
from freetier.routing import wall
from freetier.routing.limits import ALLOWANCE, merge
from freetier.values.accounts import Account, Candidate
from freetier.values.models import Capability, Model
from freetier.values.providers import Provider
from freetier.values.quota import Limit
from freetier.values.setup import Setup

STRIDE = 100_000
"""Places in the declared order that one account takes, so that accounts never mix."""

SPELLINGS = {"grok": "xai", "cerebro": "cerebras"}
"""Other spellings of providers (decisions 4)."""

ASSUMED = frozenset(Capability) - {
    Capability.EMBEDDINGS,
    Capability.PREFILL,
    Capability.REASONING,
}
"""A model that a person named and nobody listed is asked for whatever the request needs."""


def build(setup: Setup) -> tuple[Candidate, ...]:
    """Make all candidates of a setup, in the declared order; keys are unique.

    Raises:
        ConfigError: An account's provider is not there, or nothing says whether it is free.
    """
    shared: dict[tuple[str, int], tuple[Limit, ...]] = {}
    made: dict[str, Candidate] = {}
    for place, account in enumerate(setup.accounts):
        provider = _provider(setup, account, place)
        for row, model in enumerate(provider.models):
            if account.limits or account.model_limits:
                limits = merge(provider, model, account)
            elif (provider.name, row) in shared:
                limits = shared[provider.name, row]
            else:
                limits = shared[provider.name, row] = merge(provider, model, account)
            found = _candidate(account, provider, model, limits, place * STRIDE + 2 * row)
            for one in _with_paid(found):
                made.setdefault(one.key, one)
    return tuple(made.values())


def _with_paid(free: Candidate) -> tuple[Candidate, ...]:
    """Return a candidate, and what it becomes once its free allowance is used up.

    An account that may pay goes on as a paid one (decisions 7); so it is two ways to an
    answer, of which only the first is bound by the allowance.
    """
    beyond = tuple(limit for limit in free.limits if limit.source != ALLOWANCE)
    if not (free.free and free.account.paid_enabled and len(beyond) < len(free.limits)):
        return (free,)
    paid = replace(free, key=f"{free.key}+paid", free=False, limits=beyond, order=free.order + 1)
    return free, paid


def _candidate(
    account: Account, provider: Provider, model: Model, limits: tuple[Limit, ...], order: int
) -> Candidate:
    return Candidate(
        key=f"{account.id}/{model.id}",
        account=account,
        model=model,
        provider=provider,
        limits=limits,
        free=wall.is_free(account, provider, model),
        prices=wall.merge_prices(account, model),
        order=order,
    )


def _provider(setup: Setup, account: Account, place: int) -> Provider:
    path = f"accounts[{place}]"
    provider = setup.providers.get(account.provider)
    if provider is None:
        raise ConfigError(
            f"account {account.id!r} names the provider {account.provider!r}, which is not there",
            where=setup.origin,
            path=f"{path}.provider",
        )
    wall.check(account, provider, where=setup.origin, path=path)
    return provider


def allowed(candidate: Candidate) -> bool:
    """Tell whether the account's list of models, if it has one, names this one."""
    models = candidate.account.models
    if not models:
        return True
    names = {candidate.model.id.casefold(), candidate.model.canonical.casefold()}
    return any(name.casefold() in names for name in models)


class Index:
    """All candidates of a setup by key, account, provider, model name and upstream id."""

    __slots__ = ("_by_account", "_by_id", "_by_key", "_by_name", "_places", "candidates", "setup")

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.candidates = build(setup)
        self._places = {account.id: place for place, account in enumerate(setup.accounts)}
        self._by_key = {candidate.key: candidate for candidate in self.candidates}
        self._by_account = _grouped((c.account.id, c) for c in self.candidates)
        self._by_id = _grouped((c.model.id.casefold(), c) for c in self.candidates)
        self._by_name = _by_name(self.candidates)

    def by_key(self, key: str) -> Candidate | None:
        """Return the candidate of a key."""
        return self._by_key.get(key)

    def of_account(self, account: Account) -> tuple[Candidate, ...]:
        """Return what one account can serve by the catalog."""
        return self._by_account.get(account.id, ())

    def named(self, name: str) -> tuple[Candidate, ...]:
        """Return everything behind a canonical name or one of its variants, in any case."""
        return self._by_name.get(name.casefold(), ())

    def with_id(self, name: str) -> tuple[Candidate, ...]:
        """Return everything with this upstream id; in any case if none is spelt so."""
        found = self._by_id.get(name.casefold(), ())
        return tuple(c for c in found if c.model.id == name) or found

    def accounts(self, owner: str) -> tuple[Account, ...]:
        """Return the accounts of a provider, else the account of this id, else nothing."""
        provider = SPELLINGS.get(owner, owner)
        names = {owner, provider}
        found = tuple(a for a in self.setup.accounts if a.provider in names)
        return found or tuple(a for a in self.setup.accounts if a.id == owner)

    def listed(self, account: Account, model: str) -> tuple[Candidate, ...]:
        """Return what one account lists under an upstream id, a canonical name or a variant."""
        mine = self.of_account(account)
        exact = tuple(c for c in mine if c.model.id == model)
        return exact or tuple(c for c in mine if model.casefold() in names_of(c.model))

    def unlisted(self, account: Account, model: str) -> tuple[Candidate, ...]:
        """Return the candidates of a model that a person named and the catalog does not list."""
        return _with_paid(self.written(account, model))

    def written(self, account: Account, model: str) -> Candidate:
        """Make the candidate of a model that the catalog does not list.

        It is free only where nobody could be billed, or by the user's own word.
        """
        provider = self.setup.providers[account.provider]
        free = provider.status in wall.WITHOUT_BILL
        row = Model(id=model, canonical=model, capabilities=ASSUMED, free=free, status="uncertain")
        last = self._places[account.id] * STRIDE + STRIDE - 2
        limits = merge(provider, row, account)
        return replace(_candidate(account, provider, row, limits, last), named=True)

    def names(self) -> Iterator[str]:
        """Yield every name that can be asked for, for suggestions."""
        yield from self.setup.aliases
        for candidate in self.candidates:
            model = candidate.model
            yield from (model.canonical, *model.variants, model.id)
            yield f"{candidate.provider.name}/{model.id}"


def names_of(model: Model) -> frozenset[str]:
    """Return all names of a model, without case."""
    return frozenset(n.casefold() for n in (model.id, model.canonical, *model.variants))


def _by_name(candidates: tuple[Candidate, ...]) -> Mapping[str, tuple[Candidate, ...]]:
    """Group by every name of a model; a variant of one provider's row stands for all rows."""
    rows = _grouped((c.model.canonical.casefold(), c) for c in candidates)
    meant: dict[str, dict[str, None]] = {}
    for candidate in candidates:
        canonical = candidate.model.canonical.casefold()
        for name in (canonical, *(v.casefold() for v in candidate.model.variants)):
            meant.setdefault(name, {})[canonical] = None
    return {
        name: tuple(sorted((c for one in ones for c in rows[one]), key=lambda c: c.order))
        for name, ones in meant.items()
    }


def _grouped(pairs: Iterable[tuple[str, Candidate]]) -> dict[str, tuple[Candidate, ...]]:
    found: dict[str, list[Candidate]] = {}
    for name, candidate in pairs:
        found.setdefault(name, []).append(candidate)
    return {name: tuple(group) for name, group in found.items()}
