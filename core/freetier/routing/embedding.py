"""What of a route is different for texts that become vectors: the words, and the check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from freetier.routing.lengths import Lengths
from freetier.routing.limits import capacity
from freetier.routing.ports import Dialect, Encoded, TextDialect
from freetier.routing.spaces import complaint
from freetier.routing.tokens import text_tokens
from freetier.routing.world import Trip
from freetier.values.accounts import Candidate
from freetier.values.chat import Content
from freetier.values.faults import Fault, FaultScope, Refused
from freetier.values.quota import Metric
from freetier.values.vectors import EmbedRequest

USUAL_BATCH = 96
"""Texts per call where nobody says how many go: the smallest known bound (Cohere's)."""


@dataclass(frozen=True, slots=True)
class Room:
    """The most that one batch may hold: texts, and tokens as estimated; `None` = no bound."""

    texts: int
    tokens: int | None = None


def room(candidates: Sequence[Candidate], lengths: Lengths) -> Room:
    """Return what a batch may hold so that every candidate could take it.

    Args:
        candidates: Those of the space that may answer; at least one.
        lengths: What is known of how they count.
    """
    texts = min(_texts(candidate) for candidate in candidates)
    tokens = [
        lengths.room(candidate, size) for candidate in candidates for size in _windows(candidate)
    ]
    return Room(max(1, texts), min(tokens, default=None))


def _texts(candidate: Candidate) -> int:
    windows = (capacity(limit) for limit in candidate.limits if limit.metric is Metric.INPUTS)
    return min((candidate.model.batch_max or USUAL_BATCH, *windows))


def _windows(candidate: Candidate) -> list[int]:
    """Return the tokens that each of a candidate's token windows can ever hold."""
    counted = {Metric.INPUT, Metric.TOTAL, Metric.UNCACHED}
    sizes = [capacity(limit) for limit in candidate.limits if limit.metric in counted]
    units = [limit for limit in candidate.limits if limit.metric is Metric.UNITS and limit.rate]
    return sizes + [int(capacity(limit) / limit.rate) for limit in units]


def batch(texts: Sequence[str], start: int, most: Room) -> tuple[str, ...]:
    """Return the texts of the next batch; at least one, however long it is.

    Args:
        texts: All of them.
        start: Place of the first that is not embedded yet.
        most: What a batch may hold.
    """
    end, tokens = start, 0
    for text in texts[start : start + most.texts]:
        tokens += text_tokens(text)
        if most.tokens is not None and tokens > most.tokens and end > start:
            break
        end += 1
    return tuple(texts[start:end])


def written(request: EmbedRequest, candidate: Candidate, dialect: Dialect) -> Encoded:
    """Write texts in a candidate's words.

    Raises:
        ValueError: They cannot be said to it.
    """
    if not isinstance(dialect, TextDialect):
        raise ValueError(f"the language {dialect.name} has no embeddings")  # noqa: TRY004
    return dialect.encode_texts(request, candidate)


def heard(trip: Trip, candidate: Candidate, dialect: Dialect, body: bytes) -> Content | Refused:
    """Read a whole answer, in words or in vectors."""
    request, space = trip.job.request, trip.job.space
    if not isinstance(request, EmbedRequest) or space is None:
        return dialect.whole(candidate, body)
    if not isinstance(dialect, TextDialect):
        return _foreign(candidate, f"the language {dialect.name} has no embeddings")
    content = dialect.vectors(candidate, body)
    if isinstance(content, Refused):
        return content
    spaces = trip.world.board.spaces
    wrong = complaint(spaces.known(space), content.vectors, len(request.inputs))
    if wrong:
        return _foreign(candidate, wrong)
    spaces.learn(space, content.vectors[0])
    return content


def _foreign(candidate: Candidate, why: str) -> Refused:
    """Return the refusal of an answer that is not what it should be."""
    detail = f"{candidate.model.id}: {why}"
    return Refused(fault=Fault.MALFORMED, scope=FaultScope.CANDIDATE, detail=detail)
