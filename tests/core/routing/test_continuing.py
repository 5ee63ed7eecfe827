"""A stream that breaks in the middle, continued by somebody else."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier import Router
from freetier.errors import AllFailed, StreamInterrupted
from freetier.routing.continuing import INSTRUCTION, OVERLAP, Overlap
from freetier.streams import ChatStream
from freetier.testing import STYLES, FakeProvider, Fleet, Said, VirtualClock, faults
from freetier.testing.said import Call
from freetier.values.chat import Event, TextDelta, UsageReported

TEXT = "One two three four five six seven eight nine ten."
TOOLS = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]


def _joined(before: str, *pieces: str) -> str:
    overlap = Overlap(before)
    return "".join([*map(overlap.feed, pieces), overlap.flush()])


@pytest.mark.parametrize(
    ("before", "pieces", "said"),
    [
        ("One two", [" three"], " three"),  # nothing is repeated
        ("One two", ["two three"], " three"),  # the last word
        ("One two", ["One two three"], " three"),  # everything
        ("One two", ["One", " two", " three"], " three"),  # in pieces
        ("One tw", ["two three"], "o three"),  # the beginning of a word
        ("a bal", ["loon"], "loon"),  # one letter within a word is chance
        ("rebuild", ["building"], "building"),  # so are five
        ("unbelievable", ["lievable story"], " story"),  # eight are not
        ("One two", ["two"], ""),  # nothing but the repetition
        ("One two", [""], ""),
        ("One two", ["twofold"], "fold"),
        ("one one one", ["one one one one"], " one"),  # the longest repetition counts
        ("x" * 500, ["x" * 100], ""),
        ("ab" * 300, ["ab" * 100 + "!"], "!"),
    ],
)
def test_what_a_continuation_repeats_is_cut_off(before: str, pieces: list[str], said: str) -> None:
    """Up to 200 characters, however they come."""
    assert _joined(before, *pieces) == said


def test_text_that_cannot_be_a_repetition_is_not_held_back() -> None:
    """The first character tells; only a beginning of what was said is waited for."""
    overlap = Overlap("One two three")
    assert overlap.feed(" four") == " four"
    overlap = Overlap("One two three")
    assert [overlap.feed(piece) for piece in ("two", " three", " four")] == ["", "", " four"]


@given(st.text("abc ", min_size=OVERLAP + 1), st.text("xyz "), st.integers(6, OVERLAP), st.data())
def test_a_repeated_end_never_shows_and_nothing_else_is_lost(
    before: str, rest: str, size: int, data: st.DataObject
) -> None:
    """Whatever was said, and wherever the continuation is cut."""
    said = before[-size:] + "|" + rest
    cuts = sorted(data.draw(st.lists(st.integers(0, len(said)), max_size=6)))
    edges = [0, *cuts, len(said)]
    pieces = [said[a:b] for a, b in pairwise(edges)]
    assert _joined(before, *pieces) == "|" + rest


class Stage:
    """Alpha's streams break after some pieces; beta goes on as it is told."""

    def __init__(self, beta: Any, *, broken: int = 3, alpha: Any = TEXT, **more: Any) -> None:
        self.asked: list[dict[str, Any]] = []

        def answer(request: dict[str, Any]) -> Any:
            self.asked.append(request)
            return beta(request) if callable(beta) else beta

        other = more.pop("name", "beta")
        style = None if other in STYLES else "generic"
        fakes = [
            FakeProvider("alpha", "generic", answer=alpha),
            FakeProvider(other, style, answer=answer),
        ]
        self.fleet, self.clock = Fleet(*fakes), VirtualClock()
        self.fleet.always("alpha", more.pop("fault", faults.Cut(pieces=broken)))
        config = self.fleet.config() | {"strategy": "declared"}
        config["accounts"][1] |= more
        model = config["accounts"][1].get("models", ["m"])[0]
        steps = [{"provider": "alpha", "model": "m"}, {"provider": other, "model": model}]
        config["aliases"] = [{"alias": "any", "models": steps}]
        self.router = Router(config, transport=self.fleet.transport(self.clock), clock=self.clock)

    def read(self, **asked: Any) -> tuple[str, ChatStream]:
        """Return the text that came, and the stream."""
        stream = self.router.stream("Count", model="any", on_stream_break="continue", **asked)
        with stream:
            return "".join(e.text for e in stream if isinstance(e, TextDelta)), stream


def _rest(request: dict[str, Any]) -> str:
    """Go on as a model does: repeat the last word of what was said, then the rest."""
    turns = [m for m in request["messages"] if m["role"] == "assistant"]
    said = turns[-1]["content"]
    assert TEXT.startswith(said)
    return said.split()[-1] + TEXT[len(said) :]


def test_another_model_goes_on_where_it_broke() -> None:
    """The reader sees one text; the report says who gave the rest, and that it was continued."""
    stage = Stage(_rest)
    text, stream = stage.read()
    assert text == stream.completion.content.text == TEXT
    last = stage.asked[-1]["messages"][-1]
    assert last == {"role": "user", "content": INSTRUCTION}
    report = stream.report
    assert (report.continued, report.account) == (True, "beta-1")
    assert [f"{a.account} {a.fault or 'ok'}" for a in report.attempts] == [
        "alpha-1 unreachable", "beta-1 ok",
    ]  # fmt: skip


def test_tasks_go_on_as_well() -> None:
    """The same text."""
    stage = Stage(_rest)

    async def read() -> str:
        stream = stage.router.astream("Count", model="any", on_stream_break="continue")
        async with stream:
            return "".join([e.text async for e in stream if isinstance(e, TextDelta)])

    assert stage.clock.run(read()) == TEXT
    assert asyncio.iscoroutinefunction(read)


def test_who_can_begin_with_given_words_is_given_them() -> None:
    """Where the account says so, and where the catalogue knows the field for it."""
    own = Stage(_rest, capabilities=["prefill", "tools"], models=["m"])
    assert own.read()[0] == TEXT
    assert own.asked[-1]["messages"][-1]["role"] == "assistant"
    model = "ministral-8b-2512"
    mistral = Stage(_rest, name="mistral", models=[model])
    assert mistral.read()[0] == TEXT
    last = mistral.asked[-1]["messages"][-1]
    assert (last["role"], last["prefix"]) == ("assistant", True)


def test_the_usage_of_both_legs_is_reported_once() -> None:
    """Beta's as it said, alpha's as estimated, because it broke before it could say."""
    stage = Stage(_rest)
    stream = stage.router.stream("Count", model="any", on_stream_break="continue")
    with stream:
        told = [event.usage for event in stream if isinstance(event, UsageReported)]
    usage = stream.completion.usage
    assert usage is not None
    assert told == [usage]
    assert usage.estimated
    final = stream.report.attempts[-1].usage
    assert final is not None
    assert usage.output_tokens > final.output_tokens
    assert usage.input_tokens > final.input_tokens
    assert usage.total_tokens == usage.input_tokens + usage.output_tokens


@pytest.mark.parametrize("fault", [faults.Cut(pieces=3), faults.StallMidStream(pieces=3),
                                   faults.ErrorEvent(pieces=2), faults.BadEvent(pieces=2),
                                   faults.NoFinish()], ids=repr)  # fmt: skip
def test_it_does_not_matter_how_it_broke(fault: faults.Fault) -> None:
    """A cut, silence, an error, a broken event, an end without a reason."""
    stage = Stage(_rest, fault=fault)
    text, stream = stage.read(idle=5)
    assert text == TEXT
    assert stream.report.continued


@pytest.mark.parametrize(
    ("alpha", "asked"),
    [
        (Said(text="", calls=(Call("look", {"where": "here and there"}),)), {"tools": TOOLS}),
        (Said(text="Let me see.", calls=(Call("look", {"at": "it"}),)), {"tools": TOOLS}),
        (TEXT, {"response_format": {"type": "json_object"}}),
        (Said(text="x", reasoning="I think, and think, and think again."), {}),
    ],
    ids=["a call", "words and a call", "JSON", "thoughts"],
)
def test_what_nobody_else_can_go_on_with_is_raised(alpha: Any, asked: dict[str, Any]) -> None:
    """Half a call, half a JSON text, half a thought."""
    stage = Stage("never", alpha=alpha, broken=4 if "tools" in asked else 2)
    came: list[Event] = []
    stream = stage.router.stream("Count", model="any", on_stream_break="continue", **asked)
    with pytest.raises(StreamInterrupted) as error:
        came.extend(stream)
    assert came
    assert error.value.text == "".join(e.text for e in came if isinstance(e, TextDelta))
    assert stage.asked == []


def test_a_text_is_continued_although_tools_were_offered() -> None:
    """Only a call that had begun forbids it."""
    assert Stage(_rest).read(tools=TOOLS)[0] == TEXT


def test_where_nobody_is_left_the_text_so_far_is_in_the_error() -> None:
    """Also that of a second leg; the cause says why nobody was left."""
    stage = Stage(lambda _: " four five six", broken=5)
    stage.fleet.always("beta", faults.Status(500))
    came: list[Event] = []
    stream = stage.router.stream("Count", model="any", on_stream_break="continue")
    with pytest.raises(StreamInterrupted, match="could not be continued") as error:
        came.extend(stream)
    said = "".join(e.text for e in came if isinstance(e, TextDelta))
    assert said
    assert error.value.text == said
    assert isinstance(error.value.__cause__, AllFailed)
    assert "beta-1" in str(error.value)


def test_a_continuation_that_breaks_is_continued_again() -> None:
    """Alpha, beta, gamma: one text."""
    fakes = [FakeProvider(name, "generic", answer=_or_all) for name in ("alpha", "beta", "gamma")]
    fleet, clock = Fleet(*fakes), VirtualClock()
    for name in ("alpha", "beta"):
        fleet.always(name, faults.Cut(pieces=3))
    config = fleet.config() | {"strategy": "declared"}
    steps = [{"provider": fake.name, "model": "m"} for fake in fakes]
    config["aliases"] = [{"alias": "any", "models": steps}]
    router = Router(config, transport=fleet.transport(clock), clock=clock)
    with router.stream("Count", model="any", on_stream_break="continue") as stream:
        text = "".join(event.text for event in stream if isinstance(event, TextDelta))
    assert text == TEXT
    assert [a.provider for a in stream.report.attempts] == ["alpha", "beta", "gamma"]
    rows = router.quota_status()
    assert not [row for row in rows if row.reserved]


def _or_all(request: dict[str, Any]) -> str:
    said = any(m["role"] == "assistant" for m in request["messages"])
    return _rest(request) if said else TEXT
