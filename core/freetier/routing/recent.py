"""What a candidate answered lately: its pace."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from freetier.values.chat import Usage
from freetier.values.quota import Cost

LATELY = 600.0
"""Seconds that count as the present."""

KEPT = 128
"""Answers kept per candidate; of a busier one the last so many tell its pace."""

AT_LEAST = 60.0
"""Seconds that a pace is taken over, so that one answer is not sixty an hour."""


class Rate(NamedTuple):
    """What was taken, in how many seconds."""

    cost: Cost
    seconds: float


class Recent:
    """The last answers of one candidate."""

    __slots__ = ("_answers",)

    def __init__(self) -> None:
        self._answers: deque[tuple[float, int, int, int]] = deque(maxlen=KEPT)

    def note(self, now: float, usage: Usage, inputs: int = 0) -> None:
        """Remember one answer at a monotonic instant; `inputs` are texts made into vectors."""
        self._answers.append((now, usage.input_tokens, usage.output_tokens, inputs))

    @property
    def mean(self) -> Cost:
        """Return what one answer took, of all that are remembered."""
        answers = list(self._answers)
        n = max(1, len(answers))
        given, made = sum(one[1] for one in answers), sum(one[2] for one in answers)
        return Cost(input_tokens=given // n, output_tokens=made // n)

    def tokens(self, since: float) -> int:
        """Return the tokens of all answers that came after an instant."""
        return sum(one[1] + one[2] for one in list(self._answers) if one[0] > since)

    def rate(self, now: float) -> Rate:
        """Return what was taken lately."""
        answers = [one for one in list(self._answers) if one[0] > now - LATELY]
        whole = len(answers) == KEPT  # there may have been more before them
        seconds = now - answers[0][0] if whole else LATELY
        cost = Cost(
            requests=len(answers),
            input_tokens=sum(one[1] for one in answers),
            output_tokens=sum(one[2] for one in answers),
            inputs=sum(one[3] for one in answers),
        )
        return Rate(cost, max(AT_LEAST, seconds))
