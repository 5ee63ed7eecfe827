"""How long prompts and answers turn out, per model: what corrects the estimates."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from freetier.routing.needs import Needs
from freetier.values.accounts import Candidate
from freetier.values.chat import FinishReason, Usage
from freetier.values.quick import changed, quick

KEPT = 50
QUANTILE = 0.9
DEFAULT_OUTPUT = 512
"""Tokens of an answer nobody knows anything of (decisions 6)."""

SMALL = 256
"""Prompts below this tell what a template adds; larger ones how its tokenizer cuts."""

FLAT_MAX = 4096
RATIO = (0.4, 4.0)
"""What a provider's template and tokenizer can add; anything beyond is a wrong report."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """What is known of one model at one provider; replaced whole, so readers need no lock.

    Attributes:
        small, large: Pairs of estimated and reported tokens of prompts without media.
        outputs: Tokens of answers.
        flat: Tokens its template adds.
        ratio: Its tokens per estimated token.
        output: Tokens an answer is expected to take.
    """

    small: tuple[tuple[int, int], ...] = ()
    large: tuple[tuple[int, int], ...] = ()
    outputs: tuple[int, ...] = ()
    flat: int = 0
    ratio: float = 1.0
    output: int = DEFAULT_OUTPUT


_NEW = Habit()


def model_of(candidate: Candidate) -> str:
    """Return the name under which all accounts of a provider learn one model together."""
    return f"{candidate.provider.name}/{candidate.model.id}"


class Lengths:
    """Habits by model. Writers may race: one of two observations made at once may be lost."""

    __slots__ = ("_habits",)

    def __init__(self) -> None:
        self._habits: dict[str, Habit] = {}

    def prompt(self, candidate: Candidate, estimated: int) -> int:
        """Return the tokens that this model will most likely count, rounded up."""
        habit = self._habits.get(model_of(candidate), _NEW)
        return habit.flat + ceil(estimated * habit.ratio)

    def room(self, candidate: Candidate, tokens: int) -> int:
        """Return how many estimated tokens this model will count as at most so many."""
        habit = self._habits.get(model_of(candidate), _NEW)
        return max(0, int((tokens - habit.flat) / habit.ratio))

    def output(self, candidate: Candidate) -> int:
        """Return the tokens an answer of this model takes, as nine of ten stay below."""
        return self._habits.get(model_of(candidate), _NEW).output

    def note(self, candidate: Candidate, needs: Needs, usage: Usage, reason: FinishReason) -> None:
        """Learn from one finished answer whose usage the provider reported."""
        if usage.estimated:
            return
        key = model_of(candidate)
        habit = self._habits.get(key, _NEW)
        if usage.input_tokens > 0 and not (needs.media_tokens or needs.thought_tokens):
            habit = _with_prompt(habit, needs.text_tokens, usage.input_tokens)
        self._habits[key] = _with_output(habit, needs, usage.output_tokens, reason)


def _with_prompt(habit: Habit, estimated: int, reported: int) -> Habit:
    small, large, flat = habit.small, habit.large, habit.flat
    if estimated < SMALL:
        small = (*small[1 - KEPT :], (estimated, reported))
        flat = ceil(min(max(quantile([r - e for e, r in small]), 0), FLAT_MAX))
        if flat == habit.flat:
            return changed(habit, small=small)
    else:
        large = (*large[1 - KEPT :], (estimated, reported))
    ratio = quantile([(r - flat) / e for e, r in large]) if large else 1.0
    ratio = min(max(ratio, RATIO[0]), RATIO[1])
    return changed(habit, small=small, large=large, flat=flat, ratio=ratio)


def _with_output(habit: Habit, needs: Needs, tokens: int, reason: FinishReason) -> Habit:
    """Add one answer's length; one that was cut short says only that it wanted more."""
    if reason is FinishReason.LENGTH:
        if needs.max_tokens is not None:
            return habit
        doubled = 2 * max(habit.output, tokens)
        return changed(habit, outputs=(doubled,), output=doubled)
    if tokens <= 0:
        return habit
    outputs = (*habit.outputs[1 - KEPT :], tokens)
    return changed(habit, outputs=outputs, output=ceil(quantile(outputs)))


def quantile(numbers: list[float] | list[int] | tuple[int, ...]) -> float:
    """Return the smallest number that nine of ten do not exceed."""
    ordered = sorted(numbers)
    return ordered[ceil(QUANTILE * len(ordered)) - 1]
