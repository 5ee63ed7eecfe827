"""Gemini's language from end to end: a router, and a fake vendor as strict as Google."""

from __future__ import annotations

import json
from typing import Any

import pytest

from freetier import Router
from freetier.errors import ContentRefused
from freetier.testing import Call, FakeProvider, Fleet, Limit, Said, VirtualClock, faults
from freetier.values.chat import (
    Finished,
    FinishReason,
    MediaPart,
    Message,
    ReasoningDelta,
    ResponseFormat,
    TextDelta,
    TextPart,
    Tool,
    ToolCall,
    ToolChoice,
)

WEATHER = Tool(
    name="get_weather",
    description="Tell the weather.",
    parameters={
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Args",
        "type": "object",
        "properties": {
            "city": {"type": "string", "title": "City"},
            "unit": {"enum": ["c", "f"], "default": "c"},
            "days": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        },
        "required": ["city"],
        "additionalProperties": False,
    },
    strict=True,
)
SIGNATURE = "U0lHTkFUVVJF"
STAND_IN = "skip_thought_signature_validator"


class Recorder:
    """A transport that writes down what goes over it."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.sent: list[tuple[str, dict[str, str], dict[str, Any]]] = []

    def send(self, request: Any, timeouts: Any) -> Any:
        """Send one request and keep it."""
        self.sent.append((request.url, dict(request.headers), json.loads(request.body)))
        return self._inner.send(request, timeouts)

    def close(self) -> None:
        """Close what is behind it."""
        self._inner.close()


def routed(*providers: FakeProvider, **more: Any) -> tuple[Router, Recorder]:
    """Return a router over fake providers of the catalog's names, and its record."""
    fleet, clock = Fleet(*providers), VirtualClock()
    recorder = Recorder(fleet.transport(clock))
    return Router(fleet.config(), transport=recorder, clock=clock, **more), recorder


def gemini(*answers: Any, model: str = "gemini-3.5-flash", **more: Any) -> FakeProvider:
    """Return a fake Gemini that says these things, or what the small model says."""
    said = {"answer": list(answers)} if answers else {}
    return FakeProvider("gemini", models=[model], **said, **more)


def test_a_question_and_an_answer():
    """Address, key and body are Gemini's; no key is in the address."""
    router, record = routed(gemini())
    answer = router.complete("Hello there", model="gemini-3.5-flash", max_tokens=64)
    url, headers, body = record.sent[0]
    assert "Hello there" in answer.text
    assert url.endswith("/v1beta/models/gemini-3.5-flash:generateContent")
    assert headers["x-goog-api-key"] == "fake-key-of-gemini-1"
    assert "authorization" not in headers
    assert body == {
        "contents": [{"role": "user", "parts": [{"text": "Hello there"}]}],
        "generationConfig": {"maxOutputTokens": 64},
    }
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens > 0


def test_a_stream_with_thoughts():
    """Thoughts and words come apart; thoughts count as output, once."""
    router, record = routed(gemini(Said(text="Oslo is cold today.", reasoning="Let me think.")))
    with router.stream("Hello", model="gemini-3.5-flash", reasoning_effort="low") as stream:
        events = list(stream)
    url, _, body = record.sent[0]
    assert url.endswith(":streamGenerateContent?alt=sse")
    assert body["generationConfig"] == {
        "thinkingConfig": {"thinkingLevel": "low", "includeThoughts": True}
    }
    assert "".join(e.text for e in events if isinstance(e, ReasoningDelta)) == "Let me think."
    assert "".join(e.text for e in events if isinstance(e, TextDelta)) == "Oslo is cold today."
    assert events[-1] == Finished(FinishReason.STOP)
    usage = stream.completion.usage
    assert (usage.reasoning_tokens, usage.output_tokens) == (4, 9)


@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("model", ["gemini-3.5-flash", "gemini-3.8-flash"])
def test_a_tool_loop_with_parallel_calls(model, is_stream):
    """Both calls and both answers, with ids where the model has them; signed as they came."""
    calls = (Call("get_weather", {"city": "Oslo"}), Call("get_weather", {"city": "Bergen"}))
    router, record = routed(gemini(Said(calls=calls), "Cold and wet.", model=model))
    asked = [Message(role="user", content="Weather in Oslo and Bergen?")]
    first = ask(router, asked, model, is_stream=is_stream)
    assert [call.arguments for call in first.tool_calls] == ['{"city":"Oslo"}', '{"city":"Bergen"}']
    assert first.finish_reason is FinishReason.TOOL_CALLS
    results = [
        Message(role="tool", tool_call_id=call.id, content=f'{{"place": {n}}}')
        for n, call in enumerate(first.tool_calls)
    ]
    second = ask(router, [*asked, turn(first), *reversed(results)], model, is_stream=is_stream)
    assert second.text == "Cold and wet."
    _, said, answers = record.sent[1][2]["contents"]
    assert [p.get("thoughtSignature") for p in said["parts"]] == [SIGNATURE, None]
    told = [p["functionResponse"] for p in answers["parts"]]
    assert [t["response"] for t in told] == [{"place": 0}, {"place": 1}]
    assert ["id" in t for t in told] == [model == "gemini-3.8-flash"] * 2


def ask(router: Router, messages: list[Message], model: str, *, is_stream: bool = False):
    """Return what a model says to a conversation with a tool."""
    if not is_stream:
        return router.complete(messages, model=model, tools=[WEATHER])
    with router.stream(messages, model=model, tools=[WEATHER]) as stream:
        list(stream)
    return stream.completion


def turn(completion: Any) -> Message:
    """Return an answer as a turn of the conversation, with its passport."""
    report = completion.report
    key = (report.provider, report.family)
    return Message(
        role="assistant",
        content=completion.text,
        tool_calls=completion.tool_calls,
        vendor={key: completion.content.vendor} if completion.content.vendor else {},
    )


def test_a_tool_loop_that_goes_from_gemini_to_groq_and_back():
    """Signatures go back to Gemini only; calls of Groq get the stand-in Google tells of."""
    call = Said(calls=(Call("get_weather", {"city": "Oslo"}),))
    groq = FakeProvider("groq", models=["openai/gpt-oss-120b"], answer=[call])
    router, record = routed(gemini(call, "Cold."), groq)
    talk = [Message(role="user", content="Weather?")]
    for model in ("gemini-3.5-flash", "gpt-oss-120b"):
        said = ask(router, talk, model)
        call_id = said.tool_calls[0].id
        talk += [turn(said), Message(role="tool", tool_call_id=call_id, content="cold")]
    last = ask(router, talk, "gemini-3.5-flash")
    assert last.text == "Cold."
    assert SIGNATURE not in json.dumps(record.sent[1][2])
    models = [c["parts"] for c in record.sent[2][2]["contents"] if c["role"] == "model"]
    assert [parts[0]["thoughtSignature"] for parts in models] == [SIGNATURE, STAND_IN]


def test_a_call_can_be_forced_and_forbidden():
    """`required`, one tool by its name, and none."""
    router, record = routed(gemini())
    configs = []
    for choice in (ToolChoice("required"), ToolChoice("named", "get_weather"), ToolChoice("none")):
        said = router.complete(
            "Hello Oslo", model="gemini-3.5-flash", tools=[WEATHER], tool_choice=choice
        )
        configs.append(record.sent[-1][2]["toolConfig"]["functionCallingConfig"])
        assert bool(said.tool_calls) == (choice.mode != "none")
    assert configs == [
        {"mode": "ANY"},
        {"mode": "ANY", "allowedFunctionNames": ["get_weather"]},
        {"mode": "NONE"},
    ]


def test_an_answer_in_a_schema():
    """The fake fills the schema that it was sent."""
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string", "minLength": 1}, "age": {"type": "integer"}},
        "required": ["name", "age"],
        "additionalProperties": False,
    }
    wanted = ResponseFormat(kind="json_schema", name="person", schema=schema, strict=True)
    router, _ = routed(gemini())
    said = router.complete(
        'Make "Ada", who is 36', model="gemini-3.5-flash", response_format=wanted
    )
    assert json.loads(said.text) == {"name": "Ada", "age": 36}


def test_images_sounds_and_papers_are_sent_within_the_request():
    """Each by its bytes, with the type that they show."""
    media = [
        MediaPart(kind="image", data=b"\x89PNG0"),
        MediaPart(kind="image", url="data:image/webp;base64,QUJD"),
        MediaPart(kind="audio", data=b"ID3x"),
        MediaPart(kind="video", data=b"....ftypmp42"),
        MediaPart(kind="file", data=b"%PDF-1.7"),
    ]
    router, record = routed(gemini())
    router.complete(
        [Message(role="user", content=(TextPart("What is this?"), *media))],
        model="gemini-3.5-flash",
    )
    parts = record.sent[0][2]["contents"][0]["parts"]
    assert parts[0] == {"text": "What is this?"}
    assert [part["inlineData"]["mimeType"] for part in parts[1:]] == [
        "image/png", "image/webp", "audio/mpeg", "video/mp4", "application/pdf",
    ]  # fmt: skip
    assert parts[2]["inlineData"]["data"] == "QUJD"


def test_a_blocked_prompt_is_told_as_refused_content():
    """No other account is asked."""
    router, record = routed(gemini(Said(finish="blocked"), accounts=2))
    with pytest.raises(ContentRefused):
        router.complete("Hello", model="gemini-3.5-flash")
    assert len(record.sent) == 1


@pytest.mark.parametrize(
    ("fault", "is_stream"),
    [
        (faults.Empty(), False),
        (faults.Empty(), True),
        (faults.ErrorEvent(), False),
        (faults.ErrorEvent(pieces=0), True),
        (faults.BadEvent(), False),
        (faults.Status(503), False),
        (faults.Status(503), True),
    ],
)
def test_what_goes_wrong_goes_to_the_next_account(fault, is_stream):
    """Before the first word nothing of it is seen."""
    fleet, clock = Fleet(gemini("Fine.", accounts=2)), VirtualClock()
    fleet.script("gemini", [fault])
    router = Router(fleet.config(), transport=fleet.transport(clock), clock=clock)
    messages = [Message(role="user", content="Hello")]
    assert ask(router, messages, "gemini-3.5-flash", is_stream=is_stream).text == "Fine."
    assert len(fleet.books) == 2


def test_a_minute_that_is_used_up_is_waited_for():
    """The 429 names the window, and `retryDelay` says when it is over."""
    fleet = Fleet(gemini(limits=[Limit(1, "minute")]))
    clock = VirtualClock()
    router = Router(fleet.config(), transport=fleet.transport(clock), clock=clock)
    began = clock.monotonic()
    for _ in range(2):
        router.complete("Hello", model="gemini-3.5-flash")
    assert clock.monotonic() - began >= 59


def test_a_conversation_begun_elsewhere_is_taken_over():
    """Names, system words in between, unanswered calls and orphan answers are all accepted."""
    talk = [
        Message(role="system", content="be brief"),
        Message(role="user", content="hi", name="ada"),
        Message(role="system", content="in French"),
        Message(
            role="assistant",
            content="Well.",
            tool_calls=(ToolCall(id="a", name="get_weather"), ToolCall(id="b", name="get_weather")),
        ),
        Message(role="tool", tool_call_id="b", content="cold"),
        Message(role="user", content="and tomorrow?"),
        Message(role="user", content="please"),
        Message(role="tool", tool_call_id="lost", name="clock", content="noon"),
    ]
    router, record = routed(gemini())
    assert router.complete(talk, model="gemini-3.5-flash", tools=[WEATHER]).text
    body = record.sent[0][2]
    assert body["systemInstruction"] == {"parts": [{"text": "be brief\n\nin French"}]}
    assert [c["role"] for c in body["contents"]] == ["user", "model", "user", "user"]


def test_the_openai_endpoint_is_a_second_entry():
    """The same models under another provider's name, in the other language."""
    call = Said(calls=(Call("get_weather", {"city": "Oslo"}),))
    other = FakeProvider("gemini-openai", models=["gemini-3.5-flash"], answer=[call, "Cold."])
    router, record = routed(other)
    talk = [Message(role="user", content="Weather?")]
    said = ask(router, talk, "gemini-3.5-flash")
    talk += [turn(said), Message(role="tool", tool_call_id=said.tool_calls[0].id, content="cold")]
    assert ask(router, talk, "gemini-3.5-flash").text == "Cold."
    url, headers, body = record.sent[1]
    assert url.endswith("/v1beta/openai/chat/completions")
    assert headers["authorization"].startswith("Bearer ")
    assert SIGNATURE in json.dumps(body["messages"][1])
