"""What providers taught by refusing: parameters they do not take, true sizes of contexts.

Known per provider and model for as long as the router lives; the catalog is not changed.
"""

from __future__ import annotations

from dataclasses import replace

from freetier.values.accounts import Candidate
from freetier.values.chat import ChatRequest
from freetier.values.vectors import EmbedRequest

DROPPABLE = frozenset(
    {
        "frequency_penalty", "presence_penalty", "seed", "user", "logprobs", "top_logprobs",
        "parallel_tool_calls", "reasoning_effort", "stream_options", "metadata", "store",
        "service_tier", "safety_identifier", "prompt_cache_key",
    }
)  # fmt: skip
"""Parameters without which a request still asks for the same.

Not `tools`, `tool_choice`, `response_format`, `stop`, `max_tokens`: they decide what an
answer is. Not `temperature`, `top_p`, `logit_bias` either: they decide which answer it is,
a caller who asks for 0 relies on it, and another provider takes them.
"""


class Taught:
    """What is known of models at providers beyond the catalog."""

    def __init__(self) -> None:
        self._parameters: dict[tuple[str, str], frozenset[str]] = {}
        self._contexts: dict[tuple[str, str], int] = {}
        self._adapted: dict[str, tuple[frozenset[str], Candidate]] = {}

    def refuse(self, candidate: Candidate, parameter: str) -> None:
        """Remember a parameter that a model does not take there."""
        place = _place(candidate)
        self._parameters[place] = self._parameters.get(place, frozenset()) | {parameter}

    def dropped(self, candidate: Candidate) -> frozenset[str]:
        """Return the parameters that are left out for it beyond its quirks."""
        return self._parameters.get(_place(candidate), frozenset())

    def helps(
        self,
        candidate: Candidate,
        request: ChatRequest | EmbedRequest,
        parameter: str | None,
        *,
        stream: bool,
    ) -> bool:
        """Tell whether leaving a parameter out may help, and harms nobody."""
        if isinstance(request, EmbedRequest):
            return False  # each of its few parameters decides what comes
        if parameter not in DROPPABLE or parameter in self.dropped(candidate):
            return False
        if parameter == "stream_options":
            return stream and candidate.quirks.stream_usage
        return parameter in request.extra or getattr(request, parameter, None) is not None

    def adapted(self, candidate: Candidate) -> Candidate:
        """Return a candidate whose quirks hold what was learned, for the dialect."""
        names = self._parameters.get(_place(candidate)) if self._parameters else None
        if not names:
            return candidate
        known = self._adapted.get(candidate.key)
        if known is None or known[0] != names:
            known = self._adapted[candidate.key] = (names, _with_quirks(candidate, names))
        return known[1]

    def limit(self, candidate: Candidate, context: int) -> None:
        """Remember the size of a context, in tokens, as the provider told it."""
        self._contexts[_place(candidate)] = context

    def context(self, candidate: Candidate) -> int | None:
        """Return the size of a model's context: told, else of the catalog."""
        told = self._contexts.get(_place(candidate)) if self._contexts else None
        return told or candidate.model.context


def _place(candidate: Candidate) -> tuple[str, str]:
    return candidate.provider.name, candidate.model.id


def _with_quirks(candidate: Candidate, names: frozenset[str]) -> Candidate:
    old = candidate.quirks
    quirks = replace(
        old,
        drop=old.drop | names,
        stream_usage=old.stream_usage and "stream_options" not in names,
        body={name: value for name, value in old.body.items() if name not in names},
    )
    return replace(candidate, provider=replace(candidate.provider, quirks=quirks))
