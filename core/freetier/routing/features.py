"""What an alias can do, as told to frameworks before anything is sent (decisions 11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from freetier.routing.candidates import allowed
from freetier.routing.fitness import abilities
from freetier.routing.limits import capacity
from freetier.values.accounts import Candidate
from freetier.values.models import Capability
from freetier.values.quota import Metric

SMALL = 16_000
"""Tokens below which a candidate does not shrink what a whole alias is said to hold."""

OUTPUT_RESERVE = 1024
"""Tokens of a context that are kept for the answer, if the model may answer that much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What may be asked of an alias.

    Attributes:
        context_window, max_input_tokens: Tokens of the largest prompt that is safe to send;
            `None` if no candidate's size is known.
        max_output_tokens: Tokens of the longest answer all sized candidates can give.
        tools, tool_choice, parallel_tools, json_object, json_schema, vision, audio, video,
            pdf, reasoning: Whether at least one candidate can; the router sends such
            requests only there.
        structured_output: Whether all can do a schema and tools in one request.
    """

    context_window: int | None = None
    max_input_tokens: int | None = None
    max_output_tokens: int | None = None
    tools: bool = False
    tool_choice: bool = False
    parallel_tools: bool = False
    json_object: bool = False
    json_schema: bool = False
    structured_output: bool = False
    vision: bool = False
    audio: bool = False
    video: bool = False
    pdf: bool = False
    reasoning: bool = False


def features(
    candidates: Sequence[Candidate], *, strict: bool = False, paid: bool = False
) -> Features:
    """Return the published features of an alias.

    Args:
        candidates: Behind the alias.
        strict: Publish only what every candidate can do, and the smallest sizes of all.
        paid: Whether requests may use candidates that cost money.
    """
    usable = _usable(candidates, paid=paid)
    able = [abilities(candidate) for candidate in usable]
    every = frozenset.intersection(*able) if able else frozenset()
    some = every if strict else frozenset().union(*able)
    sized = usable if strict else _shaping(usable)
    window = min(_known(largest_prompt(c) for c in sized), default=None)
    return Features(
        context_window=window,
        max_input_tokens=window,
        max_output_tokens=min(_known(c.model.max_output for c in sized), default=None),
        tools=Capability.TOOLS in some,
        tool_choice=Capability.TOOL_CHOICE in some,
        parallel_tools=Capability.PARALLEL_TOOLS in some,
        json_object=Capability.JSON_OBJECT in some,
        json_schema=Capability.JSON_SCHEMA in some,
        structured_output=Capability.SCHEMA_WITH_TOOLS in every,
        vision=Capability.VISION in some,
        audio=Capability.AUDIO in some,
        video=Capability.VIDEO in some,
        pdf=Capability.FILES in some,
        reasoning=Capability.REASONING in some,
    )


def largest_prompt(candidate: Candidate) -> int | None:
    """Return the tokens of the largest prompt a candidate can ever take; `None` if unknown."""
    model = candidate.model
    reserve = min(OUTPUT_RESERVE, model.max_output or OUTPUT_RESERVE)
    sizes = [] if model.context is None else [model.context - reserve]
    for limit in candidate.limits:
        if limit.metric in {Metric.INPUT, Metric.UNCACHED}:
            sizes.append(capacity(limit))
        elif limit.metric is Metric.TOTAL:
            sizes.append(capacity(limit) - (reserve if limit.precharge else 1))
    return max(0, min(sizes)) if sizes else None


def _usable(candidates: Sequence[Candidate], *, paid: bool) -> list[Candidate]:
    """Return those that may answer at all; withdrawn ones only if there are no others."""
    usable = [
        c
        for c in candidates
        if not c.model.embeds
        and allowed(c)
        and (c.free or (paid and c.account.paid_enabled))
        and all(limit.amount > 0 for limit in c.limits)
    ]
    return [c for c in usable if not c.model.withdrawn] or usable


def _shaping(usable: list[Candidate]) -> list[Candidate]:
    """Return those whose sizes count: with tools if any have them, large if any are known to be."""
    with_tools = [c for c in usable if Capability.TOOLS in c.model.capabilities] or usable
    roomy = [c for c in with_tools if (largest_prompt(c) or 0) >= SMALL]
    return roomy or with_tools


def _known(sizes: Iterable[int | None]) -> list[int]:
    return [size for size in sizes if size is not None]
