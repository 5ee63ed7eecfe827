"""The dialect against recorded answers of every provider that speaks it."""

from __future__ import annotations

import json

import pytest

from freetier.catalog import fault_table, provider, provider_names
from freetier.dialects.openai import OpenAIDialect
from freetier.routing.collect import Collector
from freetier.values.accounts import Account, Candidate, Secret
from freetier.values.chat import (
    ChatRequest,
    Content,
    FinishReason,
    Message,
    TextDelta,
    Tool,
    ToolCall,
    ToolChoice,
)
from freetier.values.faults import Fault, FaultScope, Refused
from freetier.values.models import Model
from tests.core.dialects.build import KEY
from tests.wire.classes import FAULTS
from tests.wire.samples import Sample, sample, samples

DATE = ("date", "Sat, 21 Nov 2026 00:00:00 GMT")
SPOKEN = "Oslo is cold and clear today."
OTHER_LANGUAGES = ("gemini/", "ollama/native_chat", "ollama/native_stream", "cohere/native_")

DIALECT = OpenAIDialect(fault_table())

ours = [s for s in samples() if not s.file.startswith(OTHER_LANGUAGES)]
errors = [s for s in ours if s.expect_class and not s.is_stream]
OVERFLOWN = "zai/success_context_overflow.json"  # status 200, and no answer
wholes = [
    s
    for s in ours
    if s.file == OVERFLOWN or (s.kind in {"success", "tool_call"} and not s.is_stream)
]
streams = [s for s in ours if s.is_stream]


def each(found: list[Sample]):
    """Return a parameter per sample, named by its file."""
    return [pytest.param(s, id=s.file) for s in found]


def candidate(of: Sample | str) -> Candidate:
    """Return a candidate of the catalog's own provider."""
    name = of if isinstance(of, str) else of.provider
    model = Model(id="m", canonical="m", family="fam")
    account = Account(id="a", provider=name, secret=Secret(KEY), base_url="https://x.test/v1")
    return Candidate(key="a/m", account=account, model=model, provider=provider(name))


def answered(of: Sample) -> Content | Refused:
    """Read a whole answer, whatever its status."""
    whom = candidate(of)
    if of.status == 200:
        return DIALECT.whole(whom, of.body)
    return DIALECT.refusal(whom, of.status, [DATE, *of.headers], of.body)


def events(of: Sample, *pieces: bytes):
    """Read a stream in these pieces."""
    stream = DIALECT.decoder(candidate(of))
    found = [event for piece in pieces for event in stream.feed(piece)]
    return [*found, *stream.finish()]


def together(found) -> Content | Refused:
    """Put the events of a stream together."""
    collector = Collector()
    for event in found:
        if isinstance(event, Refused):
            return event
        collector.add(event)
    return collector.content()


@pytest.mark.parametrize("of", each(errors))
def test_every_recorded_error_is_what_it_is_known_to_be(of):
    """Each class of the samples is one fault; words are a printable line without the key."""
    found = answered(of)
    assert isinstance(found, Refused)
    assert found.fault in FAULTS[of.expect_class]
    assert found.detail
    assert found.detail.isprintable()
    assert len(found.detail) <= 300


@pytest.mark.parametrize(
    ("file", "fault", "span", "metric", "retry_in", "amount"),
    [
        ("groq/429_tokens_per_day.json", Fault.QUOTA_GONE, 86_400, "total_tokens", 289.0, 200_000),
        ("groq/429_requests_per_day.json", Fault.QUOTA_GONE, 86_400, "requests", 87.0, 1000),
        ("groq/429_requests_per_minute.json", Fault.RATE_LIMITED, 60, "requests", 2.0, 30),
        ("groq/429_input_tokens_per_minute.json", Fault.RATE_LIMITED, 60, "input_tokens", 10.0,
         7000),
        ("groq/413_request_too_large.json", Fault.TOO_LARGE, 60, "total_tokens", None, 8000),
        ("cerebras/429_tokens_minute.json", Fault.RATE_LIMITED, 60, "total_tokens", 42.0, None),
        ("cerebras/429_tokens_day.json", Fault.QUOTA_GONE, 86_400, "total_tokens", None, None),
        ("openrouter/503.json", Fault.OVERLOADED, None, None, 30.0, None),
        ("nebius/429.json", Fault.RATE_LIMITED, 60, "requests", 7.0, None),
        ("openai/429_rate.json", Fault.RATE_LIMITED, 60, "total_tokens", 0.6, 200_000),
        ("gemini-openai/429_requests_day.json", Fault.QUOTA_GONE, 86_400, None, None, 20),
    ],
)  # fmt: skip
def test_recorded_limits_tell_which_window_how_much_and_when(
    file, fault, span, metric, retry_in, amount
):
    """Window, limit and moment are read from words, headers and details."""
    found = answered(sample(file))
    assert (found.fault, found.span, found.retry_in, found.amount) == (
        fault, span, retry_in, amount,
    )  # fmt: skip
    assert metric in (None, found.metric)


@pytest.mark.parametrize(
    "file", ["gemini-openai/429_requests_day.json", "openrouter/429_free_per_day.json"]
)
def test_a_calendars_quota_has_no_moment(file):
    """The calendar tells when a day ends; Gemini's delay of a minute is not waited for."""
    found = answered(sample(file))
    assert (found.retry_in, found.retry_is_calendar) == (None, True)


def test_an_instant_is_measured_by_the_providers_own_clock():
    """OpenRouter tells milliseconds since 1970; the answer's date is taken from them."""
    assert answered(sample("openrouter/429_free_per_minute.json")).retry_in == 60.0


def test_a_model_that_is_never_granted_is_told_from_a_rate():
    """Mistral sends the same body; only the limit of zero tells."""
    assert answered(sample("mistral/429_rate.json")).fault is Fault.RATE_LIMITED
    never = answered(sample("mistral/429_zero_allowance.json"))
    assert (never.fault, never.scope) == (Fault.NOT_FREE, FaultScope.CANDIDATE)


@pytest.mark.parametrize(
    ("file", "parameter"),
    [
        ("cerebras/400_bad_request.json", "reasoning_effort"),
        ("nvidia/400_bad_request.json", "store"),
        ("mistral/422_extra_field_plain.json", "seed"),
        ("sambanova/400_bad_request.json", None),
        ("groq/400_bad_request.json", None),
    ],
)
def test_recorded_complaints_name_the_parameter(file, parameter):
    """Unsupported ones are named, bad values are not."""
    assert answered(sample(file)).parameter == parameter


@pytest.mark.parametrize("of", each(wholes))
def test_every_recorded_answer_is_read_right(of):
    """Text or calls, usage and reason, from each provider's own bytes."""
    found = answered(of)
    if of.file == OVERFLOWN:
        assert found.fault is Fault.CONTEXT_TOO_LONG
        return
    assert isinstance(found, Content)
    assert found.usage is not None
    assert found.usage.total_tokens == found.usage.input_tokens + found.usage.output_tokens > 0
    assert (found.id, found.upstream_model) != (None, None)
    if of.kind == "tool_call":
        assert found.finish_reason is FinishReason.TOOL_CALLS
        assert [(c.name, json.loads(c.arguments)) for c in found.tool_calls] == [
            ("get_weather", {"city": city}) for city in ("Oslo", "Bergen")[: len(found.tool_calls)]
        ]
        assert found.text == ""
    else:
        assert found.finish_reason is FinishReason.STOP
        assert found.text == ("6" if "numeric" in of.file else SPOKEN)


@pytest.mark.parametrize(
    ("file", "reasoning", "thought"),
    [
        ("groq/success.json", "Short answer is enough.", 20),
        ("cerebras/success.json", "Short answer.", None),
        ("mistral/success_thinking.json", "Short.", None),
        ("deepseek/success.json", "Short.", 4),
        ("xai/success.json", "Short.", 4),
        ("zai/success.json", "Short.", 5),
        ("ollama-cloud/success.json", "Short.", None),
        ("nvidia/success.json", "", None),
    ],
)
def test_thoughts_are_found_in_each_providers_field(file, reasoning, thought):
    """`reasoning`, `reasoning_content`, or parts of the content."""
    found = answered(sample(file))
    assert (found.reasoning, found.usage.reasoning_tokens) == (reasoning, thought)


@pytest.mark.parametrize("of", each(wholes))
def test_a_recorded_answer_that_is_cut_is_refused(of):
    """At every byte: half an answer is never taken for one."""
    for cut in range(len(of.body)):
        assert isinstance(DIALECT.whole(candidate(of), of.body[:cut]), Refused)


embeddings = [s for s in ours if s.kind == "embedding"]


@pytest.mark.parametrize("of", each(embeddings))
def test_every_recorded_vector_is_read_right_and_refused_if_it_is_cut(of):
    """In the order of the texts; also the bare ones of Hugging Face's own hosts."""
    found = DIALECT.vectors(candidate(of), of.body)
    assert isinstance(found, Content)
    assert {len(vector) for vector in found.vectors} <= {3, 4}
    assert len(found.vectors) in {1, 2}
    if isinstance(json.loads(of.body), list):
        assert found.vectors[0] == (0.013, -0.021, 0.008)
    for cut in range(len(of.body)):
        assert isinstance(DIALECT.vectors(candidate(of), of.body[:cut]), Refused)


def test_no_sample_is_left_out():
    """Each is read here, or by the tests of its own language; one is a record of a key."""
    read = {s.file for s in (*errors, *wholes, *streams, *embeddings)}
    rest = {s.file for s in ours} - read
    assert rest <= {"openrouter/key_info.json", "xai/400_bad_request.json"}


@pytest.mark.parametrize("of", each(streams))
def test_every_recorded_stream_is_read_right_and_the_same_in_any_cuts(of):
    """In one piece, byte by byte, and cut in two at every byte."""
    whole = events(of, of.body)
    assert events(of, *(of.body[i : i + 1] for i in range(len(of.body)))) == whole
    for cut in range(1, len(of.body)):
        assert events(of, of.body[:cut], of.body[cut:]) == whole
    found = together(whole)
    if of.kind == "success_stream":
        assert (found.text, found.finish_reason) == (SPOKEN, FinishReason.STOP)
        assert found.usage.total_tokens in {30, 132}
    elif of.kind == "tool_call_stream":
        cities = ["Oslo", "Bergen"][: len(found.tool_calls)]
        assert [json.loads(c.arguments)["city"] for c in found.tool_calls] == cities
        assert len({c.id for c in found.tool_calls}) == len(cities)
        assert found.finish_reason is FinishReason.TOOL_CALLS
    else:
        assert isinstance(found, Refused)


@pytest.mark.parametrize("of", each([s for s in streams if s.kind.endswith("_stream")]))
def test_a_stream_that_is_cut_is_never_an_answer_that_says_less(of):
    """Cut before its last word, a stream is refused; else it says everything."""
    full = together(events(of, of.body))
    for cut in range(len(of.body)):
        found = together(events(of, of.body[:cut]))
        if isinstance(found, Content):
            assert (found.text, found.tool_calls) == (full.text, full.tool_calls)


@pytest.mark.parametrize(
    ("file", "fault", "said"),
    [
        ("groq/stream_error.sse", Fault.MALFORMED, ""),
        ("openrouter/stream_error.sse", Fault.SERVER, "Oslo is"),
        ("gemini-openai/truncated.sse", Fault.MALFORMED, "<thought>* Task 1"),
    ],
)
def test_recorded_failures_inside_streams_are_known(file, fault, said):
    """What was said comes first, then the refusal."""
    *before, last = events(sample(file), sample(file).body)
    assert last.fault is fault
    assert "".join(e.text for e in before if isinstance(e, TextDelta)) == said


def test_an_error_inside_a_good_status_is_known():
    """OpenRouter's upstream is busy, not the account."""
    found = answered(sample("openrouter/200_error_in_body.json"))
    assert (found.fault, found.scope) == (Fault.OVERLOADED, FaultScope.CANDIDATE)


def test_headers_of_recorded_answers_give_observations():
    """Groq's day of requests and minute of tokens, without a moment that means "until full"."""
    of = sample("groq/success.json")
    found = DIALECT.hints(candidate(of), of.status, of.headers)
    told = {(str(o.metric), o.span): (o.limit, o.remaining) for o in found.observations}
    assert told == {("requests", 86_400.0): (1000, 996), ("total_tokens", 60.0): (8000, 7536)}
    assert all(o.reset_in is None for o in found.observations)


def test_a_signature_travels_through_a_conversation():
    """What Gemini signed goes back to Gemini on its own call, and not to Groq."""
    of = sample("gemini-openai/tool_call.sse")
    said = together(events(of, of.body))
    turn = Message(
        role="assistant",
        tool_calls=said.tool_calls,
        vendor={("gemini-openai", "fam"): said.vendor},
    )
    assert isinstance(turn.tool_calls[0], ToolCall)
    sent = {name: _calls_sent(name, turn) for name in ("gemini-openai", "groq")}
    assert sent["gemini-openai"][0]["extra_content"] == {
        "google": {"thought_signature": "U0lHTkFUVVJF"}
    }
    assert "extra_content" not in sent["gemini-openai"][1]
    assert all("extra_content" not in c for c in sent["groq"])


def _calls_sent(name: str, turn: Message):
    request = ChatRequest(messages=(Message(role="user", content="hi"), turn))
    sent = json.loads(DIALECT.encode(request, candidate(name), stream=False).request.body)
    return sent["messages"][1]["tool_calls"]


TOOL = Tool(name="get_weather", parameters={"type": "object", "properties": {}}, strict=True)
TALK = ChatRequest(
    messages=(
        Message(role="system", content="be brief"),
        Message(role="system", content="in French"),
        Message(role="user", content="hi", name="ada"),
        Message(
            role="assistant",
            reasoning="hm",
            tool_calls=(
                ToolCall(id="call:from/elsewhere" + "0" * 40, name="get_weather", arguments=""),
                ToolCall(id="unanswered", name="get_weather"),
            ),
        ),
        Message(role="tool", tool_call_id="call:from/elsewhere" + "0" * 40, content="cold"),
        Message(role="user", content="and tomorrow?"),
    ),
    tools=(TOOL,),
    tool_choice=ToolChoice("auto"),
    parallel_tool_calls=True,
    max_tokens=64,
    temperature=0.2,
    seed=7,
    extra={"user": "u", "top_k": 4},
)
SPEAKERS = [name for name in provider_names() if provider(name).dialect == "openai"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("name", SPEAKERS)
def test_every_provider_of_the_catalog_is_spoken_to_as_its_data_say(name, stream):
    """Nothing it refuses is sent, and a conversation from elsewhere is made fit for it."""
    whom = candidate(name)
    quirks = whom.quirks
    encoded = DIALECT.encode(TALK, whom, stream=stream)
    sent = json.loads(encoded.request.body)
    assert not quirks.drop & set(sent)
    assert not set(encoded.dropped) & (set(sent) - set(quirks.body))
    assert sent[quirks.max_tokens_field] == 64
    assert ("stream_options" in sent) == (stream and quirks.stream_usage)
    turns = sent["messages"]
    assert {field for turn in turns for field in turn} <= {
        "role", "content", "name", "tool_calls", "tool_call_id", quirks.replay_reasoning,
    }  # fmt: skip
    assert len([t for t in turns if t["role"] == "system"]) == (1 if quirks.system_first else 2)
    (calling,) = (turn for turn in turns if "tool_calls" in turn)
    ids = [call["id"] for call in calling["tool_calls"]]
    assert [turn["tool_call_id"] for turn in turns if turn["role"] == "tool"] == ids
    assert all(len(it) == 9 if quirks.tool_id == "alnum9" else len(it) <= 40 for it in ids)
