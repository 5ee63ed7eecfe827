"""What an alias is said to be able to do."""

from __future__ import annotations

import pytest

from freetier.routing.features import Features, features, largest_prompt
from freetier.values.models import Capability
from freetier.values.quirks import Quirks
from tests.core.routing.setups import candidate, limit

FLAGS = {
    Capability.TOOLS: "tools",
    Capability.TOOL_CHOICE: "tool_choice",
    Capability.PARALLEL_TOOLS: "parallel_tools",
    Capability.JSON_OBJECT: "json_object",
    Capability.JSON_SCHEMA: "json_schema",
    Capability.VISION: "vision",
    Capability.AUDIO: "audio",
    Capability.VIDEO: "video",
    Capability.FILES: "pdf",
    Capability.REASONING: "reasoning",
}


def able(*capabilities: Capability, **more):
    """Return a candidate with these capabilities."""
    return candidate(capabilities=frozenset(capabilities), **more)


@pytest.mark.parametrize(("capability", "flag"), FLAGS.items())
def test_what_one_candidate_can_is_published(capability, flag):
    """The router sends such requests only there; `strict` asks it of all."""
    some = [able(), able(capability)]
    assert getattr(features(some), flag)
    assert not getattr(features(some, strict=True), flag)
    assert getattr(features([able(capability)] * 2, strict=True), flag)
    assert not getattr(features([able()]), flag)


def test_schema_and_tools_together_must_be_known_to_all():
    """A framework chooses its way by it for the whole alias."""
    both = able(Capability.SCHEMA_WITH_TOOLS)
    assert features([both, both]).structured_output
    assert not features([both, able()]).structured_output


def test_quirks_count():
    """A call that cannot be forced is not published."""
    made = able(Capability.TOOLS, Capability.TOOL_CHOICE, quirks=Quirks(tool_choice="auto"))
    assert not features([made]).tool_choice


def test_no_candidates_publish_nothing():
    """Nor does an alias of embedding models."""
    assert features([]) == Features()
    assert features([able(Capability.EMBEDDINGS, Capability.VISION)]) == Features()


@pytest.mark.parametrize(
    ("limits", "more", "size"),
    [
        ((), {"context": 32_000}, 30_976),
        ((), {"context": 32_000, "max_output": 500}, 31_500),
        ((), {"context": None}, None),
        ((limit("total_tokens", 6000),), {"context": 32_000}, 5999),
        ((limit("total_tokens", 6000),), {"context": None}, 5999),
        ((limit("total_tokens", 6000, precharge=True),), {}, 4976),
        ((limit("input_tokens", 6000),), {}, 6000),
        ((limit("total_tokens", 9000, kind="bucket", burst=2000),), {}, 1999),
        ((limit("output_tokens", 100), limit("requests", 5)), {"context": 32_000}, 30_976),
        ((), {"context": 100}, 0),
    ],
)
def test_a_prompt_fits_the_context_and_every_token_window(limits, more, size):
    """With room for an answer."""
    assert largest_prompt(candidate(*limits, **more)) == size


def sized(tokens: int | None, **more):
    """Return a candidate with room for this prompt."""
    return candidate(context=None if tokens is None else tokens + 1024, **more)


@pytest.mark.parametrize(
    ("sizes", "window", "strictly"),
    [
        ([32_000], 32_000, 32_000),
        ([32_000, 64_000], 32_000, 32_000),
        ([64_000, 4000], 64_000, 4000),
        ([15_999, 16_000], 16_000, 15_999),
        ([4000, 8000], 4000, 4000),
        ([None, 64_000], 64_000, 64_000),
        ([None, 4000], 4000, 4000),
        ([None], None, None),
    ],
)
def test_the_smallest_size_is_published_but_for_tiny_ones(sizes, window, strictly):
    """A candidate under 16,000 does not shrink the alias, unless all are so."""
    rows = [sized(tokens) for tokens in sizes]
    assert features(rows).context_window == features(rows).max_input_tokens == window
    assert features(rows, strict=True).context_window == strictly


def test_where_any_have_tools_only_their_sizes_count():
    """Agents are sent there alone."""
    without = sized(32_000, capabilities=frozenset())
    assert features([without, sized(64_000)]).context_window == 64_000
    assert features([without, sized(64_000)], strict=True).context_window == 32_000
    assert features([without]).context_window == 32_000


def test_the_shortest_answer_is_published():
    """Of those that say so."""
    rows = [candidate(max_output=n) for n in (8192, None, 4096)]
    assert features(rows).max_output_tokens == 4096
    assert features([candidate()]).max_output_tokens is None


@pytest.mark.parametrize(
    "more",
    [
        {"free": False},
        {"free": False, "paid_enabled": False},
        {"models": ("other",)},
    ],
)
def test_who_may_not_answer_publishes_nothing(more):
    """Neither abilities nor sizes."""
    seeing = able(Capability.VISION, context=None, **more)
    assert features([seeing, able()]) == features([able()])


def test_a_limit_of_zero_never_answers():
    """The free tier does not include it."""
    zero = candidate(limit("requests", 0), capabilities=frozenset({Capability.VISION}))
    assert not features([zero]).vision


def test_paid_candidates_count_where_requests_may_pay():
    """Both permissions again."""
    paid = able(Capability.VISION, free=False, paid_enabled=True)
    assert features([paid], paid=True).vision
    assert not features([able(Capability.VISION, free=False)], paid=True).vision


def test_withdrawn_models_count_only_if_there_are_no_others():
    """They are tried last, and rarely answer."""
    gone = able(Capability.VISION, gone=True)
    assert features([gone]).vision
    assert not features([gone, able()]).vision
