"""Conversations as Gemini's turns."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from freetier.testing.gemini.strict import check
from freetier.values.chat import MediaPart, Message, TextPart, ToolCall
from tests.core.dialects.gemini.cases import USER, sent

OSLO = ToolCall(id="c1", name="get_weather", arguments='{"city":"Oslo"}')
BERGEN = ToolCall(id="c2", name="get_weather", arguments='{"city":"Bergen"}')
US = ("gemini", "gemini")


def contents(*messages: Message, model: str = "gemini-2.5-flash"):
    """Return the turns as they are sent."""
    return sent(*messages, model=model)["contents"]


def answer(call: ToolCall, content: str) -> Message:
    """Return what a tool said."""
    return Message(role="tool", tool_call_id=call.id, content=content)


def test_turns_of_one_role_are_joined():
    """Users and models take turns; each text stays a part of its own."""
    said = contents(USER, USER, Message(role="assistant", content="a"), USER)
    assert said == [
        {"role": "user", "parts": [{"text": "hi"}, {"text": "hi"}]},
        {"role": "model", "parts": [{"text": "a"}]},
        {"role": "user", "parts": [{"text": "hi"}]},
    ]


def test_a_conversation_of_system_words_alone_is_said_by_the_user():
    """Gemini takes no request without contents."""
    body = sent(Message(role="system", content="be brief"))
    assert body["contents"] == [{"role": "user", "parts": [{"text": "be brief"}]}]
    assert "systemInstruction" not in body


def test_an_empty_conversation_cannot_be_said():
    """Nothing is made up."""
    with pytest.raises(ValueError, match="the conversation is empty"):
        sent(Message(role="assistant", content=""))


def test_a_model_never_has_the_last_word():
    """The user asks it to go on."""
    assert contents(USER, Message(role="assistant", content="Once"))[-1] == {
        "role": "user", "parts": [{"text": "Go on."}],
    }  # fmt: skip


def test_a_conversation_that_begins_with_a_call_is_given_a_user():
    """A turn of calls must follow a user."""
    first = contents(Message(role="assistant", tool_calls=(OSLO,)), answer(OSLO, "cold"))[0]
    assert first["role"] == "user"


@pytest.mark.parametrize(
    ("told", "response"),
    [
        ('{"t": 3}', {"t": 3}),
        ("[1, 2]", {"result": [1, 2]}),
        ("cold", {"result": "cold"}),
        ("", {"result": "(no output)"}),
    ],
)
def test_what_a_tool_says_is_an_object(told, response):
    """An object as it is, anything else as the result."""
    turn = Message(role="assistant", tool_calls=(OSLO,))
    function = contents(USER, turn, answer(OSLO, told))[2]["parts"][0]["functionResponse"]
    assert function == {"name": "get_weather", "response": response}


def test_answers_stand_in_the_order_of_their_calls():
    """There may be no ids to match them by; words of the user come after."""
    turn = Message(role="assistant", tool_calls=(OSLO, BERGEN))
    said = contents(USER, turn, answer(BERGEN, "wet"), USER, answer(OSLO, "cold"))
    results = [part["functionResponse"]["response"]["result"] for part in said[2]["parts"]]
    assert results == ["cold", "wet"]
    assert said[3] == {"role": "user", "parts": [{"text": "hi"}]}


@pytest.mark.parametrize(
    ("arguments", "args"), [("", {}), ("[1]", {"value": [1]}), ("{bad", {"value": "{bad"})]
)
def test_arguments_become_an_object(arguments, args):
    """Whatever another model wrote."""
    turn = Message(role="assistant", tool_calls=(ToolCall(id="c", name="f", arguments=arguments),))
    assert contents(USER, turn)[1]["parts"][0]["functionCall"]["args"] == args


def test_media_of_a_tool_are_words_of_the_user():
    """They follow the answer, with the tool's name."""
    picture = MediaPart(kind="image", data=b"\x89PNG")
    told = Message(role="tool", tool_call_id="c1", content=(TextPart("see"), picture))
    said = contents(USER, Message(role="assistant", tool_calls=(OSLO,)), told)
    assert said[2]["parts"][0]["functionResponse"]["response"] == {"result": "see"}
    assert said[3]["parts"][1]["inlineData"]["mimeType"] == "image/png"


def test_signatures_stand_on_the_parts_that_carried_them():
    """Thoughts, text, call and the empty text at the end; the call's id is Google's own."""
    signed = {"thought": "A", "text": "B", "end": "C"}
    note = {
        "message": {"thoughtSignature": signed},
        "calls": {"c1": {"thoughtSignature": "D", "id": "c1"}},
    }
    turn = Message(
        role="assistant", content="Well", reasoning="hm", tool_calls=(OSLO,), vendor={US: note}
    )
    said = contents(USER, turn, answer(OSLO, "cold"), model="gemini-3.5-flash")
    call = {"name": "get_weather", "args": {"city": "Oslo"}, "id": "c1"}
    assert said[1]["parts"] == [
        {"text": "hm", "thought": True, "thoughtSignature": "A"},
        {"text": "Well", "thoughtSignature": "B"},
        {"functionCall": call, "thoughtSignature": "D"},
        {"text": "", "thoughtSignature": "C"},
    ]
    assert said[2]["parts"][0]["functionResponse"]["id"] == "c1"


@pytest.mark.parametrize("owner", [("gemini-openai", "gemini"), ("gemini", "gemma"), ("groq", "x")])
def test_signatures_of_others_stay_away(owner):
    """Another provider's or family's passport is not read; Gemini 3 gets the stand-in."""
    note = {"calls": {"c1": {"thoughtSignature": "D", "id": "c1"}}}
    turn = Message(role="assistant", tool_calls=(OSLO, BERGEN), vendor={owner: note})
    old = contents(USER, turn)[1]["parts"]
    assert not any("thoughtSignature" in part or "id" in part["functionCall"] for part in old)
    new = contents(USER, turn, model="gemini-3.5-flash")[1]["parts"]
    assert [part.get("thoughtSignature") for part in new] == [
        "skip_thought_signature_validator", None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "note", [{"calls": 5}, {"message": {"thoughtSignature": 5}}, {"calls": {"c1": None}}]
)
def test_a_note_that_was_garbled_on_its_way_does_no_harm(note):
    """Frameworks keep it, and people may edit it."""
    turn = Message(role="assistant", content="a", tool_calls=(OSLO,), vendor={US: note})
    assert len(contents(USER, turn)[1]["parts"]) == 2


IDS = st.sampled_from(["a", "b", "c"])
CALLS = st.lists(st.builds(ToolCall, id=IDS, name=st.sampled_from(["f", "g"])), max_size=3)
NOTES = st.fixed_dictionaries({"thoughtSignature": st.just("U0lHTkFUVVJF")}, optional={"id": IDS})
TURNS = st.one_of(
    st.builds(Message, role=st.sampled_from(["user", "system"]), content=st.text(max_size=3)),
    st.builds(
        Message,
        role=st.just("assistant"),
        content=st.text(max_size=3),
        tool_calls=CALLS.map(tuple),
        vendor=st.dictionaries(
            st.just(US), st.fixed_dictionaries({"calls": st.dictionaries(IDS, NOTES, max_size=2)})
        ),
    ),
    st.builds(Message, role=st.just("tool"), tool_call_id=st.none() | IDS, content=st.text()),
)


@given(
    talk=st.lists(TURNS, min_size=1, max_size=8),
    model=st.sampled_from(["gemini-2.5-flash", "gemini-3.5-flash"]),
)
def test_any_conversation_is_one_that_google_takes(talk, model):
    """Roles, calls, answers and signatures in any order, from anywhere."""
    assume(any(m.content or m.tool_calls or m.role in {"user", "tool"} for m in talk))
    check(sent(*talk, model=model), model, strict=True)
