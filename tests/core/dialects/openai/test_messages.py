"""The array `messages`, as each quirk wants it."""

from __future__ import annotations

import pytest

from freetier.dialects.openai.messages import GO_ON, wire_messages
from freetier.values.chat import MediaPart, Message, TextPart
from tests.core.dialects.build import call, candidate

SYSTEM = Message(role="system", content="be brief")
USER = Message(role="user", content="hi")
YES = Message(role="assistant", content="yes")
CALL = Message(role="assistant", tool_calls=(call(),))
RESULT = Message(role="tool", tool_call_id="call_1", content="cold")
IMAGE = MediaPart(kind="image", url="https://x.test/a.png")


def wire(*messages: Message, **quirks):
    """Return these messages on the wire."""
    return wire_messages(messages, candidate(**quirks))


def test_a_plain_conversation_is_plain():
    """Roles and texts, nothing else."""
    assert wire(SYSTEM, USER, YES, USER) == [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "yes"},
        {"role": "user", "content": "hi"},
    ]


def test_a_tool_loop_has_calls_and_answers():
    """An assistant's turn with calls and no text sends a null content."""
    assert wire(USER, CALL, RESULT)[1:] == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "weather", "arguments": '{"city":"Oslo"}'},
                }
            ],
        },
        {"role": "tool", "content": "cold", "tool_call_id": "call_1"},
    ]


def test_a_provider_that_takes_no_null_gets_no_field():
    """Cloudflare refuses `content: null`."""
    assert "content" not in wire(USER, CALL, RESULT, null_content=False)[1]


def test_names_go_where_they_are_taken_and_only_if_they_fit():
    """Groq takes none; letters outside the pattern are refused everywhere."""
    named = Message(role="user", content="hi", name="ada")
    assert wire(named)[0]["name"] == "ada"
    assert "name" not in wire(named, names=False)[0]
    assert "name" not in wire(Message(role="user", content="hi", name="Ada L."))[0]
    assert wire(USER, Message(role="assistant", content="yes", name="bot"))[1]["name"] == "bot"


def test_the_role_of_the_system_is_a_quirk():
    """Some models want it called developer."""
    assert wire(SYSTEM, USER, developer_role="developer")[0]["role"] == "developer"


def test_system_messages_come_first_and_joined_where_one_is_taken():
    """NVIDIA's models refuse several of them."""
    late = Message(role="system", content="in French")
    assert wire(SYSTEM, USER, late, system_first=True) == [
        {"role": "system", "content": "be brief\n\nin French"},
        {"role": "user", "content": "hi"},
    ]
    assert len(wire(SYSTEM, USER, late)) == 3


def test_turns_of_one_role_are_joined_where_they_must_alternate():
    """Texts are joined, parts are put in a row, calls and answers stay apart."""
    seen = Message(role="user", content=(TextPart("see"), IMAGE))
    joined = wire(USER, USER, YES, YES, CALL, RESULT, USER, seen, merge_turns=True)
    assert [m["role"] for m in joined] == ["user", "assistant", "tool", "user"]
    assert joined[0]["content"] == "hi\n\nhi"
    assert joined[1]["content"] == "yes\n\nyes"
    assert joined[1]["tool_calls"][0]["id"] == "call_1"
    assert [p["type"] for p in joined[3]["content"]] == ["text", "text", "image_url"]


def test_who_spoke_is_lost_where_two_people_are_joined():
    """A joined turn must not put words into one person's mouth."""
    ada, bob = (Message(role="user", content="x", name=name) for name in ("ada", "bob"))
    assert "name" not in wire(ada, bob, merge_turns=True)[0]
    assert wire(ada, ada, merge_turns=True)[0]["name"] == "ada"


def test_a_conversation_ends_with_the_user_where_it_must():
    """A provider that cannot continue its own turn is asked to."""
    assert wire(USER, YES, requires_user_last=True)[-1] == {"role": "user", "content": GO_ON}
    assert wire(USER, CALL, RESULT, requires_user_last=True)[-1]["role"] == "tool"
    assert wire(USER, YES)[-1]["role"] == "assistant"


def test_a_word_stands_between_a_tool_and_a_user_where_it_must():
    """Mistral refuses role `user` after role `tool`."""
    roles = [m["role"] for m in wire(USER, CALL, RESULT, USER, user_after_tool=False)]
    assert roles == ["user", "assistant", "tool", "assistant", "user"]
    assert [m["role"] for m in wire(USER, CALL, RESULT, USER)] == [*roles[:3], "user"]
    assert wire(USER, CALL, RESULT, user_after_tool=False)[-1]["role"] == "tool"


def test_a_last_turn_that_is_to_be_continued_is_marked_where_it_must():
    """Mistral continues an assistant's turn only with `prefix`."""
    assert wire(USER, YES, prefill_field="prefix")[-1]["prefix"] is True
    assert not [m for m in wire(USER, YES, USER, prefill_field="prefix") if "prefix" in m]
    assert "prefix" not in wire(USER, YES)[-1]


def test_thoughts_go_back_only_where_wanted_and_only_with_calls():
    """DeepSeek wants them with calls and refuses them without; most refuse them always."""
    thought = Message(role="assistant", tool_calls=(call(),), reasoning="hm")
    idle = Message(role="assistant", content="yes", reasoning="hm")
    sent = wire(USER, idle, USER, thought, RESULT, replay_reasoning="reasoning_content")
    assert "reasoning_content" not in sent[1]
    assert sent[3]["reasoning_content"] == "hm"
    assert "reasoning_content" not in wire(USER, thought, RESULT)[1]


def test_signatures_go_back_on_their_own_calls():
    """Gemini's signature stands on the call it came with, though the call's id is another."""
    long_id = "function-call-" + "7" * 40
    note = {"message": {"extra_content": 1}, "calls": {long_id: {"extra_content": {"s": "U0lH"}}}}
    turn = Message(
        role="assistant",
        tool_calls=(call(id=long_id), call(id="b")),
        vendor={("acme", "fam"): note, ("other", "fam"): {"message": {"extra_content": 2}}},
    )
    sent = wire(USER, turn, message_fields=("extra_content",))[1]
    assert sent["extra_content"] == 1
    assert sent["tool_calls"][0]["extra_content"] == {"s": "U0lH"}
    assert len(sent["tool_calls"][0]["id"]) <= 40
    assert "extra_content" not in sent["tool_calls"][1]
    assert "extra_content" not in wire(USER, turn)[1]


def test_empty_messages_do_no_harm():
    """Empty turns of system and assistant are left out; the user's keeps its place."""
    empty = [Message(role=role) for role in ("system", "assistant", "user")]
    assert wire(*empty) == [{"role": "user", "content": " "}]


def test_a_refusal_goes_back_as_the_assistants_words():
    """Most providers refuse the field itself."""
    refused = Message(role="assistant", refusal="I will not.")
    assert wire(USER, refused, USER)[1] == {"role": "assistant", "content": "I will not."}


def test_arguments_are_never_empty():
    """A call without arguments sends an empty object."""
    bare = Message(role="assistant", tool_calls=(call(arguments=""),))
    assert wire(USER, bare)[1]["tool_calls"][0]["function"]["arguments"] == "{}"


@pytest.mark.parametrize("messages", [(), (Message(role="system"),)])
def test_an_empty_conversation_is_told(messages):
    """There is nothing to ask."""
    with pytest.raises(ValueError, match="empty"):
        wire(*messages)
