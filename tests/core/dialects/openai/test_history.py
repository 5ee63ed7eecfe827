"""Conversations that began elsewhere are made fit to go on."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from freetier.dialects.openai.history import NO_OUTPUT, NOT_RUN, Turn, turns
from freetier.values.chat import MediaPart, Message, TextPart, ToolCall
from freetier.values.quirks import Quirks
from tests.core.dialects.build import call

IMAGE = MediaPart(kind="image", url="https://x.test/a.png")


def calling(*ids: str, name: str = "f") -> Message:
    """Return an assistant's turn that calls."""
    return Message(role="assistant", tool_calls=tuple(call(name, id=i) for i in ids))


def answer(id: str | None, content="done", name: str | None = None) -> Message:  # noqa: A002 - short
    """Return a tool's turn."""
    return Message(role="tool", tool_call_id=id, content=content, name=name)


def user(text: str = "hi") -> Message:
    """Return a user's turn."""
    return Message(role="user", content=text)


def shape(*messages: Message, **quirks):
    """Return role and call ids or answered id or text of each turn as it is sent."""
    return [
        (t.message.role, t.call_ids or t.message.tool_call_id or t.message.content)
        for t in turns(messages, Quirks(**quirks))
    ]


def test_a_conversation_without_tools_is_left_alone():
    """Nothing is touched that need not be."""
    messages = (user(), Message(role="assistant", content="yes"), user())
    assert turns(messages, Quirks()) == [Turn(message) for message in messages]


def test_calls_and_answers_that_fit_are_left_alone():
    """A proper tool loop keeps its order and ids."""
    assert shape(user(), calling("a", "b"), answer("a"), answer("b"), user()) == [
        ("user", "hi"), ("assistant", ("a", "b")), ("tool", "a"), ("tool", "b"), ("user", "hi"),
    ]  # fmt: skip


def test_a_call_and_its_answer_get_the_same_new_id():
    """A provider that wants nine letters gets nine, on both sides."""
    found = shape(calling("call_long_1"), answer("call_long_1"), tool_id="alnum9")
    (wire,) = found[0][1]
    assert len(wire) == 9
    assert found[1] == ("tool", wire)


def test_an_unanswered_call_is_said_not_to_have_been_run():
    """Providers refuse a call without an answer; the model is told the truth."""
    found = turns([calling("a", "b"), answer("b"), user()], Quirks())
    assert [t.message.role for t in found] == ["assistant", "tool", "tool", "user"]
    assert (found[2].message.tool_call_id, found[2].message.content) == ("a", NOT_RUN)


def test_an_answer_without_a_call_becomes_words_of_the_user():
    """Providers refuse it as a tool's turn; its words are kept."""
    found = turns([user(), answer("gone", "42", name="add"), calling("a"), answer("a")], Quirks())
    assert found[1].message == user("A tool add returned: 42")
    found = turns([calling("a"), answer("a"), answer("a", "again")], Quirks())
    assert found[2].message == user("A tool returned: again")


def test_an_answer_that_comes_after_other_words_is_moved_to_its_call():
    """Answers stand straight after the turn that called."""
    assert shape(calling("a"), user(), answer("a")) == [
        ("assistant", ("a",)), ("tool", "a"), ("user", "hi"),
    ]  # fmt: skip


def test_an_id_that_is_used_again_in_a_later_turn_is_made_new():
    """Some models number the calls of each turn from 0; pairs must stay pairs."""
    found = shape(calling("c0"), answer("c0", "1"), calling("c0"), answer("c0", "2"))
    assert found[0][1] == ("c0",)
    (again,) = found[2][1]
    assert again != "c0"
    assert found[3] == ("tool", again)


def test_calls_with_one_id_in_one_turn_are_answered_in_order():
    """Two calls that share an id, or have none, get two ids."""
    for shared in ("c", ""):
        found = shape(calling(shared, shared), answer(shared, "1"), answer(shared, "2"))
        first, second = found[0][1]
        assert first != second
        assert [wire for _, wire in found[1:]] == [first, second]


def test_an_answer_without_an_id_goes_by_its_name_then_by_order():
    """Old frameworks leave the id out."""
    both = Message(role="assistant", tool_calls=(call("f", id="a"), call("g", id="b")))
    assert shape(both, answer(None, name="g"), answer(None))[1:] == [("tool", "b"), ("tool", "a")]


def test_an_empty_answer_says_so():
    """Providers refuse empty contents."""
    assert turns([calling("a"), answer("a", "")], Quirks())[1].message.content == NO_OUTPUT


def test_media_of_tools_follow_all_answers_as_the_users():
    """Where tools answer in text, the image comes in a turn of its own after the last answer."""
    mixed = (TextPart("see"), IMAGE)
    found = turns([calling("a", "b"), answer("a", mixed), answer("b")], Quirks())
    assert [t.message.role for t in found] == ["assistant", "tool", "tool", "user"]
    assert found[1].message.content == "see"
    assert found[3].message.content == (TextPart("What the tool f returned:"), IMAGE)


def test_media_of_tools_stay_where_they_are_taken():
    """A provider that takes them in a tool's turn gets them there."""
    found = turns([calling("a"), answer("a", (IMAGE,))], Quirks(tool_text_only=False))
    assert found[1].message.content == (IMAGE,)


IDS = st.sampled_from(["", "a", "b", "c0", "x" * 60])
MESSAGES = st.lists(
    st.builds(user, st.text(max_size=3))
    | st.builds(lambda ids: calling(*ids), st.lists(IDS, min_size=1, max_size=3))
    | st.builds(answer, st.none() | IDS, st.text(max_size=3))
    | st.just(Message(role="assistant", content="yes")),
    max_size=10,
)


@given(MESSAGES, st.sampled_from(["any", "alnum9"]))
def test_any_conversation_is_made_fit(messages, style):
    """Each turn with calls is followed by exactly its answers; ids are unique; words are kept."""
    found = turns(messages, Quirks(tool_id=style))
    seen: list[str] = []
    at = 0
    while at < len(found):
        turn = found[at]
        at += 1
        if turn.call_ids:
            answers = found[at : at + len(turn.call_ids)]
            at += len(answers)
            assert sorted(t.message.tool_call_id for t in answers) == sorted(turn.call_ids)
            assert all(t.message.role == "tool" for t in answers)
            seen.extend(turn.call_ids)
        else:
            assert turn.message.role != "tool"
    assert len(seen) == len(set(seen))
    texts = "\0".join(str(t.message.content) for t in found)
    assert all(str(m.content) in texts for m in messages)


def test_the_same_conversation_always_reads_the_same():
    """A prefix is sent the same when the conversation has grown, so caches hold."""
    first = [user(), calling("a" * 50), answer("a" * 50)]
    longer = [*first, calling("a" * 50), answer("a" * 50)]
    assert turns(longer, Quirks())[:3] == turns(first, Quirks())


def test_arguments_are_never_touched():
    """What the model wrote goes back letter by letter."""
    odd = ToolCall(id="a", name="f", arguments='{ "a" :1}')
    found = turns([Message(role="assistant", tool_calls=(odd,)), answer("a")], Quirks())
    assert found[0].message.tool_calls == (odd,)
