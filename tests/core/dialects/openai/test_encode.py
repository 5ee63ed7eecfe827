"""A request on the wire."""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.dialects.openai.encode import encode
from freetier.dialects.outgoing import AGENT
from freetier.routing.ports import Encoded
from freetier.values.accounts import Secret
from freetier.values.chat import ChatRequest, Message, ResponseFormat, Tool, ToolChoice
from freetier.values.wire import HttpRequest
from tests.core.dialects.build import KEY, candidate

HI = (Message(role="user", content="hi"),)
TOOL = Tool(name="f", parameters={"type": "object", "properties": {}})


def encoded(request: ChatRequest | None = None, *, stream: bool = False, whom=None, **quirks):
    """Encode a request for a candidate with these quirks."""
    return encode(request or ChatRequest(messages=HI), whom or candidate(**quirks), stream=stream)


def body(request: ChatRequest | None = None, *, stream: bool = False, **quirks):
    """Return the body that is sent."""
    return json.loads(encoded(request, stream=stream, **quirks).request.body)


def headers(**about):
    """Return the headers that are sent for a candidate."""
    return dict(encoded(whom=candidate(**about)).request.headers)


def test_the_smallest_request_holds_model_and_messages_only():
    """Nothing is sent that nobody set."""
    assert body() == {"model": "m-1", "messages": [{"role": "user", "content": "hi"}]}


def test_the_address_is_the_accounts_or_the_providers():
    """A slash more or less changes nothing; without any there is a readable text."""
    assert encoded().request.url == "https://api.acme.test/v1/chat/completions"
    own = candidate(account={"base_url": "http://127.0.0.1:1/v1/"}, chat_path="/chat")
    assert encoded(whom=own).request.url == "http://127.0.0.1:1/v1/chat"
    with pytest.raises(ValueError, match="acme has no address"):
        encoded(whom=candidate(provider={"base_url": ""}))


def test_the_key_goes_where_the_provider_wants_it():
    """Bearer, a bare key in a header of its own, or none at all."""
    assert headers()["authorization"] == f"Bearer {KEY}"
    assert headers(auth_header="X-Api-Key", auth_scheme="")["x-api-key"] == KEY
    assert "authorization" not in headers(account={"secret": Secret("")})


def test_a_key_that_no_header_can_carry_is_told_without_showing_it():
    """A line end pasted with the key is a common mistake."""
    for key in ("sk-1\n", "sk-ø"):
        with pytest.raises(ValueError, match="key of acme-1") as caught:
            encoded(whom=candidate(account={"secret": Secret(key)}))
        assert key not in str(caught.value)


def test_headers_tell_who_we_are_and_what_we_take():
    """The account's own headers win over the provider's, and those over ours."""
    assert headers()["user-agent"] == AGENT
    assert headers()["accept"] == "application/json"
    assert dict(encoded(stream=True).request.headers)["accept"] == "text/event-stream"
    mixed = headers(
        headers=(("X-Title", "a"), ("User-Agent", "b")), account={"headers": (("X-TITLE", "c"),)}
    )
    assert (mixed["x-title"], mixed["user-agent"]) == ("c", "b")


def test_the_accounts_connection_is_kept():
    """Proxy, certificates and the kind of answer travel with the request."""
    about = {"proxy": "http://proxy.test", "ca_file": "ca.pem"}
    sent = encoded(whom=candidate(account=about), stream=True).request
    assert (sent.proxy, sent.ca_file, sent.stream) == ("http://proxy.test", "ca.pem", True)


def test_the_key_does_not_show_in_the_request():
    """Printing a request shows no header."""
    assert KEY not in repr(encoded())


def test_streams_ask_for_usage_where_that_is_taken():
    """Providers that refuse the option send usage without it."""
    assert body(stream=True)["stream_options"] == {"include_usage": True}
    assert "stream_options" not in body(stream=True, stream_usage=False)
    assert body(stream=True)["stream"] is True


FULL = ChatRequest(
    messages=HI,
    max_tokens=5,
    temperature=0.0,
    top_p=0.5,
    stop=("a", "b"),
    seed=7,
    presence_penalty=0.1,
    frequency_penalty=0.2,
    reasoning_effort="low",
    response_format=ResponseFormat(kind="json_object"),
)


def test_all_parameters_are_sent_under_their_names():
    """A zero is a value, and the bound has the name the provider gave it."""
    sent = body(FULL, max_tokens_field="max_completion_tokens")
    assert sent == {
        "model": "m-1",
        "messages": [{"role": "user", "content": "hi"}],
        "max_completion_tokens": 5,
        "temperature": 0.0,
        "top_p": 0.5,
        "stop": ["a", "b"],
        "seed": 7,
        "presence_penalty": 0.1,
        "frequency_penalty": 0.2,
        "reasoning_effort": "low",
        "response_format": {"type": "json_object"},
    }


def test_what_a_provider_does_not_take_is_left_out_and_told():
    """By provider, and by model."""
    quirks = {
        "drop": frozenset({"seed"}),
        "drop_for_models": {"m-*": frozenset({"top_p"}), "x-*": frozenset({"stop"})},
    }
    found = encoded(FULL, **quirks)
    sent = json.loads(found.request.body)
    assert set(found.dropped) == {"seed", "top_p"}
    assert not {"seed", "top_p"} & set(sent)
    assert sent["stop"] == ["a", "b"]


def test_unknown_parameters_are_passed_on_and_told():
    """What the provider refuses of them is dropped and told."""
    request = ChatRequest(messages=HI, extra=MappingProxyType({"top_k": 4, "user": "u"}))
    found = encoded(request, drop=frozenset({"user"}))
    assert json.loads(found.request.body)["top_k"] == 4
    assert (found.passed_on, found.dropped) == (("top_k",), ("user",))


def test_no_unknown_parameter_may_change_what_an_answer_is():
    """Model, messages, stream and number of choices are ours; a set value wins."""
    extra = {"model": "x", "messages": [], "stream": True, "n": 3, "tools": [1], "seed": 9}
    found = encoded(ChatRequest(messages=HI, seed=7, extra=extra))
    sent = json.loads(found.request.body)
    assert sent["model"] == "m-1"
    assert sent["seed"] == 7
    assert not {"stream", "n", "tools"} & set(sent)
    assert set(found.dropped) == {"model", "messages", "stream", "n", "tools"}
    assert found.passed_on == ()


def test_an_unknown_parameter_that_is_no_json_is_told():
    """The text says that it cannot be written."""
    with pytest.raises(ValueError, match="cannot be written as JSON"):
        encoded(ChatRequest(messages=HI, extra={"top_k": object()}))


def test_the_providers_own_fields_fill_what_nobody_set():
    """A default of the catalog never overrides a caller."""
    extra = {"thinking": "off", "seed": 1}
    assert body(body=extra)["thinking"] == "off"
    assert body(ChatRequest(messages=HI, seed=7), body=extra)["seed"] == 7


def test_fields_about_tools_are_sent_with_tools_only():
    """Providers refuse them without tools."""
    quirks = {"parallel_flag": False, "body": {"parallel_tool_calls": False}}
    assert "parallel_tool_calls" not in body(**quirks)
    asked = ChatRequest(messages=HI, tools=(TOOL,), parallel_tool_calls=True)
    assert body(asked, **quirks)["parallel_tool_calls"] is False
    assert body(asked)["parallel_tool_calls"] is True
    alone = ChatRequest(messages=HI, parallel_tool_calls=True, tool_choice=ToolChoice("auto"))
    assert not {"parallel_tool_calls", "tool_choice", "tools"} & set(body(alone))


def test_a_refused_parallel_flag_is_told():
    """The caller learns that calls may come side by side."""
    asked = ChatRequest(messages=HI, tools=(TOOL,), parallel_tool_calls=False)
    assert encoded(asked, parallel_flag=False).dropped == ("parallel_tool_calls",)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_words_are_written_as_utf8(system, words):
    """Whatever people write, the body is JSON that says the same."""
    messages = (Message(role="system", content=system), Message(role="user", content=words))
    sent = body(ChatRequest(messages=messages))["messages"]
    assert sent[-1]["content"] == (words or " ")


def test_a_parameter_goes_by_the_providers_name_for_it():
    """Also if what a provider complained of, by its own name, is left out from then on."""
    asked = ChatRequest(messages=HI, seed=7, temperature=0.5)
    sent = body(asked, renames={"seed": "random_seed"})
    assert (sent["random_seed"], sent["temperature"]) == (7, 0.5)
    assert "seed" not in sent
    refused = encoded(asked, renames={"seed": "random_seed"}, drop=frozenset({"random_seed"}))
    assert refused.dropped == ("seed",)
    assert not {"seed", "random_seed"} & set(json.loads(refused.request.body))


@pytest.mark.parametrize(
    ("one", "other", "sent", "dropped"),
    [
        (0.5, 0.25, {"frequency_penalty": 0.25}, ("presence_penalty",)),
        (0.5, 0.0, {"presence_penalty": 0.5}, ("frequency_penalty",)),
        (0.5, None, {"presence_penalty": 0.5}, ()),
        (None, 0.25, {"frequency_penalty": 0.25}, ()),
    ],
)
def test_of_two_that_may_not_stand_together_one_is_left_out(one, other, sent, dropped):
    """It is told; one that says nothing yields, and one alone is sent."""
    asked = ChatRequest(messages=HI, presence_penalty=one, frequency_penalty=other)
    made = encoded(asked, not_with={"presence_penalty": "frequency_penalty"})
    members = json.loads(made.request.body)
    assert {name: members[name] for name in members if name.endswith("penalty")} == sent
    assert made.dropped == dropped


def test_what_is_left_out_anyway_makes_nobody_yield():
    """The one of two that the provider takes is sent."""
    asked = ChatRequest(messages=HI, presence_penalty=0.5, frequency_penalty=0.25)
    pairs = {"presence_penalty": "frequency_penalty"}
    made = encoded(asked, not_with=pairs, drop=frozenset({"frequency_penalty"}))
    assert made.dropped == ("frequency_penalty",)
    assert json.loads(made.request.body)["presence_penalty"] == 0.5


@pytest.mark.parametrize(
    ("model", "effort", "sent"),
    [("m-1", "none", "low"), ("m-1", "high", "high"), ("other", "none", "none")],
)
def test_an_effort_goes_by_the_providers_word_for_it(model, effort, sent):
    """By the pattern of the model; an effort without a word is sent as it is."""
    whom = candidate(model=model, efforts={"m-*": {"none": "low"}})
    asked = ChatRequest(messages=HI, reasoning_effort=effort)
    assert json.loads(encoded(asked, whom=whom).request.body)["reasoning_effort"] == sent


def again(whom, request: ChatRequest, before: Encoded, *, stream: bool = False) -> bytes:
    """Return the body for a candidate after one was written for another."""
    return encode(request, whom, stream=stream, before=before).request.body


def marked(request: ChatRequest, whom=None) -> Encoded:
    """Return what was written for a candidate, with a text that nobody would write again."""
    first = encode(request, whom or candidate(), stream=False)
    body = first.request.body.replace(b'"hi"', b'"once"')
    return replace(first, request=replace(first.request, body=body))


LARGE = ChatRequest(messages=HI, tools=(TOOL,), temperature=0.5, extra={"top_k": 3})


def test_another_candidates_body_is_taken_over_but_for_the_model():
    """What is large is written once, however many are asked; the control writes it anew."""
    other = candidate(model="m-2", account={"base_url": "http://127.0.0.1:1/v1"})
    found = again(other, LARGE, marked(LARGE))
    assert b'"once"' in found
    wanted = encode(LARGE, other, stream=False).request
    assert json.loads(found.replace(b'"once"', b'"hi"')) == json.loads(wanted.body)
    made = encode(LARGE, other, stream=False, before=marked(LARGE))
    assert (made.request.url, made.request.headers) == (wanted.url, wanted.headers)
    assert b'"once"' not in encode(LARGE, other, stream=False).request.body


@pytest.mark.parametrize(
    "quirks",
    [
        {"developer_role": "developer"},
        {"renames": {"temperature": "heat"}},
        {"drop": frozenset({"temperature"})},
        {"body": {"top_k": 4}},
        {"body": {"verbose": True}},
        {"names": False},
    ],
)
def test_it_is_written_anew_for_who_wants_it_said_otherwise(quirks):
    """Roles, names and what is left out differ by provider."""
    request = ChatRequest(
        messages=(
            Message(role="system", content="briefly"),
            Message(role="user", content="hi", name="ann"),
        ),
        temperature=0.5,
    )
    other = candidate(**quirks)
    found = again(other, request, marked(request))
    assert found == encode(request, other, stream=False).request.body
    assert b'"once"' not in found


def test_what_is_equal_and_not_the_same_is_written_anew():
    """In Python 1 equals true; to a provider it is another value."""
    request, whom = ChatRequest(messages=HI), candidate(body={"verbose": 1})
    other = candidate(body={"verbose": True})
    assert (
        again(other, request, marked(request, whom))
        == encode(request, other, stream=False).request.body
    )


def test_a_stream_is_not_made_of_a_whole_answers_request():
    """Nor is another conversation."""
    assert b'"stream":true' in again(candidate(), LARGE, marked(LARGE), stream=True)
    longer = replace(LARGE, messages=(*HI, Message(role="user", content="more")))
    assert b'"once"' not in again(candidate(), longer, marked(LARGE))


def test_what_another_language_wrote_is_no_beginning():
    """It has no members to compare."""
    foreign = Encoded(request=HttpRequest(method="POST", url="http://a.test", body=b"{}"))
    assert again(candidate(), LARGE, foreign) == encoded(LARGE).request.body
