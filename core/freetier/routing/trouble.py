"""Faults that a provider's other accounts would meet as well, within one request (decisions 8)."""

from __future__ import annotations

from freetier.routing import health
from freetier.values.accounts import Candidate
from freetier.values.faults import Refused

TRIES = 2
"""Attempts at a provider in trouble, each with another account, if nothing else is left."""


NONE: frozenset[str] = frozenset()


class Trouble:
    """Where one request met such faults; whoever shares them comes after all others.

    A provider that is down takes all its candidates with it; a model that is busy only
    itself, at every account, but the provider's other models wait as well: where one is
    busy the next often is.

    Attributes:
        behind: Providers that come last.
    """

    __slots__ = ("_met", "behind")

    def __init__(self) -> None:
        self.behind = NONE
        self._met: dict[str, list[str]] = {}

    def meet(self, candidate: Candidate, refused: Refused) -> None:
        """Note a fault, if others share it: for this request, also one of the caller's haste."""
        if not health.is_shared(refused):
            return
        self.behind |= {candidate.home}
        what = candidate.home if health.provider_wide(refused) else _model(candidate)
        self._met.setdefault(what, []).append(candidate.account.id)

    def is_behind(self, candidate: Candidate) -> bool:
        """Tell whether all others come first."""
        return candidate.home in self.behind

    def is_over(self, candidate: Candidate) -> bool:
        """Tell whether it was tried often enough at all."""
        return any(len(met) >= TRIES for met in self._at(candidate))

    def is_spent(self, candidate: Candidate) -> bool:
        """Tell whether this account was tried, or others often enough."""
        own = candidate.account.id
        return any(len(met) >= TRIES or own in met for met in self._at(candidate))

    def _at(self, candidate: Candidate) -> list[list[str]]:
        found = (self._met.get(candidate.home), self._met.get(_model(candidate)))
        return [met for met in found if met]


def _model(candidate: Candidate) -> str:
    return f"{candidate.home}|{candidate.model.id}"
