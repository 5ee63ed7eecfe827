"""What all languages have in common: errors by rules, headers by the provider's map."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from freetier.dialects import limits
from freetier.dialects.faults import Faults
from freetier.dialects.streams import Refuse
from freetier.routing.ports import Hints
from freetier.values.accounts import Candidate
from freetier.values.faults import Refused
from freetier.values.faulttable import FaultTable
from freetier.values.wire import Header


class Spoken:
    """The part of a dialect that no language says in its own way.

    Args:
        table: What errors mean where a provider's own rules are silent.
    """

    def __init__(self, table: FaultTable) -> None:
        self._faults = Faults(table)

    def _within(self, candidate: Candidate) -> Refuse:
        """Return what classifies an error inside a candidate's answer."""
        return partial(self._faults.within_answer, candidate)

    def refusal(
        self, candidate: Candidate, status: int, headers: Sequence[Header], body: bytes
    ) -> Refused:
        """Classify an answer whose status is not 200."""
        return self._faults.of_answer(candidate, status, headers, body)

    def hints(self, candidate: Candidate, status: int, headers: Sequence[Header]) -> Hints:
        """Read the rate headers of any answer."""
        return limits.hints(candidate.provider.headers, status, headers)
