"""Faults that a provider's other accounts would meet as well, within one request (decisions 8)."""

from __future__ import annotations

from freetier.routing import health
from freetier.values.accounts import Candidate
from freetier.values.faults import Fault, Refused

TRIES = 2
"""Attempts at a provider in trouble, each with another account, if nothing else is left."""


NONE: frozenset[str] = frozenset()


class Trouble:
    """Where one request met such faults; whoever shares them comes after all others.

    A provider that is down takes all its candidates with it; a model that is busy only
    itself, at every account, but the provider's other models wait as well: where one is
    busy the next often is. Once neither another account nor another model helped, none will.

    Attributes:
        behind: Providers that come last.
    """

    __slots__ = ("_busy", "_met", "behind")

    def __init__(self) -> None:
        self.behind = self._busy = NONE
        self._met: dict[str, list[Candidate]] = {}

    def meet(self, candidate: Candidate, refused: Refused) -> None:
        """Note a fault, if others share it: for this request, also one of the caller's haste."""
        if not health.is_shared(refused):
            return
        self.behind |= {candidate.home}
        if refused.fault is Fault.OVERLOADED:
            self._busy |= {candidate.key}
        what = candidate.home if health.provider_wide(refused) else _model(candidate)
        for name in {what, _all(candidate)}:
            self._met.setdefault(name, []).append(candidate)

    def is_behind(self, candidate: Candidate) -> bool:
        """Tell whether all others come first."""
        return candidate.home in self.behind

    def is_over(self, candidate: Candidate) -> bool:
        """Tell whether it was tried often enough at all."""
        return len(self._shared(candidate)) >= TRIES or self._is_hopeless(candidate)

    def is_spent(self, candidate: Candidate) -> bool:
        """Tell whether this account was tried, or others often enough.

        Where a service is merely busy, another model of the account counts as another one.
        """
        met = self._shared(candidate)
        return self.is_over(candidate) or any(
            one.account.id == candidate.account.id
            and not (one.key in self._busy and one.key != candidate.key)
            for one in met
        )

    def _shared(self, candidate: Candidate) -> list[Candidate]:
        """Return who met what this one would meet as well."""
        return [*self._met.get(candidate.home, ()), *self._met.get(_model(candidate), ())]

    def _is_hopeless(self, candidate: Candidate) -> bool:
        met = self._met.get(_all(candidate), ())
        accounts, models = {c.account.id for c in met}, {c.model.id for c in met}
        return min(len(accounts), len(models)) >= TRIES


def _model(candidate: Candidate) -> str:
    return f"{candidate.home}|{candidate.model.id}"


def _all(candidate: Candidate) -> str:
    return f"{candidate.home}|"
