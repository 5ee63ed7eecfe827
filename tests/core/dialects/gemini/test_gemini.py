"""The dialect against recorded answers of Gemini."""

from __future__ import annotations

import pytest

from freetier.routing.collect import Collector
from freetier.values.chat import Content, FinishReason, ToolCall, Usage
from freetier.values.faults import Fault, FaultScope, Refused
from tests.core.dialects.gemini.cases import DIALECT, candidate
from tests.wire.samples import Sample, sample, samples

SPOKEN = "Oslo is cold and clear today."
FAULTS = {
    "auth": Fault.UNAUTHORISED,
    "bad_request": Fault.BAD_REQUEST,
    "context_length": Fault.CONTEXT_TOO_LONG,
    "model_gone": Fault.MODEL_GONE,
    "rate_limit_minute": Fault.RATE_LIMITED,
    "not_in_free_tier": Fault.NOT_FREE,
    "server": Fault.SERVER,
    "timeout": Fault.TIMED_OUT,
}

ours = [s for s in samples() if s.provider == "gemini"]
errors = [s for s in ours if s.expect_class]
streams = [s for s in ours if s.is_stream]


def each(found: list[Sample]):
    """Return a parameter per sample, named by its file."""
    return [pytest.param(s, id=s.file) for s in found]


def answered(of: Sample) -> Content | Refused:
    """Read a whole answer, whatever its status."""
    if of.status == 200:
        return DIALECT.whole(candidate(), of.body)
    return DIALECT.refusal(candidate(), of.status, of.headers, of.body)


def streamed(*pieces: bytes) -> Content | Refused:
    """Read a stream in these pieces, and put its events together."""
    decoder = DIALECT.decoder(candidate())
    events = [event for piece in pieces for event in decoder.feed(piece)]
    collector = Collector()
    for event in [*events, *decoder.finish()]:
        if isinstance(event, Refused):
            return event
        collector.add(event)
    return collector.content()


def test_all_samples_are_read_here():
    """A new one fits one of the tests of this file."""
    assert len(ours) == 17
    assert {s.kind for s in ours} - {s.kind for s in errors} == {
        "content_filter", "success", "success_stream", "tool_call", "tool_call_stream",
    }  # fmt: skip


@pytest.mark.parametrize("of", each(errors))
def test_every_recorded_error_is_what_it_is_known_to_be(of):
    """Each class of the samples is one fault; words are a printable line."""
    found = answered(of)
    assert isinstance(found, Refused)
    assert found.fault is FAULTS[of.expect_class]
    assert found.detail
    assert found.detail.isprintable()


@pytest.mark.parametrize(
    ("file", "span", "metric", "retry_in", "amount"),
    [
        ("gemini/429_requests_minute.json", 60, "requests", 38.8, 15),
        ("gemini/429_tokens_minute.json", 60, "input_tokens", 21.0, 16_000),
    ],
)
def test_a_refusal_tells_its_window_and_its_delay(file, span, metric, retry_in, amount):
    """`retryDelay` may be decimal; the violation names window, metric and limit."""
    found = answered(sample(file))
    assert (found.span, found.metric, found.retry_in, found.amount) == (
        span, metric, retry_in, amount,
    )  # fmt: skip


def test_a_whole_answer_is_text_and_usage():
    """The sample, with the ids that Google gave it."""
    assert answered(sample("gemini/success.json")) == Content(
        text=SPOKEN,
        finish_reason=FinishReason.STOP,
        usage=Usage(input_tokens=21, output_tokens=9, total_tokens=30),
        id="s0001",
        upstream_model="gemini-3.5-flash-lite",
    )


def test_thoughts_count_as_output_and_counts_are_taken_once():
    """9 said and 40 thought are 49, though each chunk repeats what came before."""
    found = streamed(sample("gemini/success.sse").body)
    assert (found.text, found.finish_reason) == (SPOKEN, FinishReason.STOP)
    assert found.usage == Usage(
        input_tokens=21, output_tokens=49, total_tokens=70, reasoning_tokens=40
    )


def test_a_call_keeps_its_id_and_its_signature():
    """Both are in the note, under the id that the call goes by."""
    found = answered(sample("gemini/tool_call.json"))
    assert found.tool_calls == (
        ToolCall(id="fc_s001", name="get_weather", arguments='{"city":"Oslo"}'),
    )
    assert found.finish_reason is FinishReason.TOOL_CALLS
    fields = {"thoughtSignature": "U0lHTkFUVVJF", "id": "fc_s001"}
    assert found.vendor == {"calls": {"fc_s001": fields}}


def test_parallel_calls_of_a_stream_get_ids_of_ours():
    """The same ones each time it is read; only the first call is signed."""
    first, second = (streamed(sample("gemini/tool_call.sse").body) for _ in range(2))
    assert first == second
    assert [call.arguments for call in first.tool_calls] == ['{"city":"Oslo"}', '{"city":"Bergen"}']
    ids = [call.id for call in first.tool_calls]
    assert len(set(ids)) == 2
    assert first.vendor == {"calls": {ids[0]: {"thoughtSignature": "U0lHTkFUVVJF"}}}


def test_a_blocked_prompt_is_refused_content():
    """200 without candidates; the account is not to blame."""
    found = answered(sample("gemini/blocked_prompt.json"))
    assert (found.fault, found.scope) == (Fault.CONTENT_REFUSED, FaultScope.REQUEST)
    assert "SAFETY" in found.detail


@pytest.mark.parametrize("of", each(streams))
def test_a_stream_says_the_same_however_it_is_cut_into_pieces(of):
    """In two pieces at every byte, and byte by byte."""
    whole = streamed(of.body)
    assert isinstance(whole, Content)
    assert streamed(*(of.body[i : i + 1] for i in range(len(of.body)))) == whole
    for cut in range(len(of.body)):
        assert streamed(of.body[:cut], of.body[cut:]) == whole


@pytest.mark.parametrize("of", each(streams))
def test_a_stream_that_is_cut_is_never_an_answer_that_says_less(of):
    """Cut before its last word, a stream is refused; else it says everything."""
    full = streamed(of.body)
    for cut in range(len(of.body)):
        found = streamed(of.body[:cut])
        if isinstance(found, Content):
            assert (found.text, found.tool_calls) == (full.text, full.tool_calls)
        else:
            assert found.fault is Fault.MALFORMED


@pytest.mark.parametrize("of", each([s for s in ours if s.status == 200 and not s.is_stream]))
def test_a_whole_answer_that_is_cut_is_refused(of):
    """At every byte."""
    for cut in range(len(of.body)):
        assert isinstance(DIALECT.whole(candidate(), of.body[:cut]), Refused)


@pytest.mark.parametrize("inside", [b"%s", b"[%s]"])
def test_an_error_within_a_stream_is_classified(inside):
    """With and without the array around it."""
    error = b'{"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}'
    found = streamed(b"data: " + inside % error + b"\n\n")
    assert (found.fault, found.detail) == (Fault.OVERLOADED, "overloaded")
