"""Conversations of any origin become what any provider may see."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from typing import Any

import pytest
from langchain_core.exceptions import ModelInvalidRequestError
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    HumanMessage,
    HumanMessageChunk,
    RemoveMessage,
    SystemMessage,
    ToolMessage,
)

from freetier import MediaPart, Message, TextPart, ToolCall
from freetier_langchain._messages_in import to_core

DATA = b"\x89PNG picture"
BASE64 = b64encode(DATA).decode()
DATA_URL = f"data:image/png;base64,{BASE64}"
PAGE = "https://example.org/cat.png"


def one(message: BaseMessage) -> Message:
    """Return the only turn a message becomes."""
    (turn,) = to_core([message])
    return turn


@pytest.mark.parametrize(
    ("message", "role"),
    [
        (SystemMessage("hi"), "system"),
        (HumanMessage("hi"), "user"),
        (HumanMessageChunk("hi"), "user"),
        (AIMessage("hi"), "assistant"),
        (ChatMessage("hi", role="developer"), "system"),
        (ChatMessage("hi", role="assistant"), "assistant"),
        (ToolMessage("hi", tool_call_id="1"), "tool"),
    ],
)
def test_each_message_keeps_its_role(message: BaseMessage, role: str) -> None:
    """Whoever speaks in LangChain speaks with us."""
    assert (one(message).role, one(message).content) == (role, "hi")


@pytest.mark.parametrize("message", [ChatMessage("hi", role="jester"), RemoveMessage(id="1")])
def test_what_no_model_can_be_told_is_refused(message: BaseMessage) -> None:
    """The error is LangChain's for a wrong request, and says what is wrong."""
    with pytest.raises(ModelInvalidRequestError, match=r"jester|RemoveMessage"):
        to_core([message])


def test_turns_of_one_role_in_a_row_stay_apart() -> None:
    """Joining them is the matter of providers that want it so."""
    turns = to_core([SystemMessage("a"), SystemMessage("b"), HumanMessage("c"), HumanMessage("d")])

    assert [turn.content for turn in turns] == ["a", "b", "c", "d"]


@pytest.mark.parametrize("content", ["***", "no words", "", "a"])
@pytest.mark.parametrize(
    "block",
    [
        lambda text: {"type": "image", "base64": text, "mime_type": "image/png"},
        lambda text: {"type": "audio", "base64": text, "mime_type": "audio/wav"},
        lambda text: {"type": "input_audio", "input_audio": {"data": text}},
        lambda text: {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{text}"}},
    ],
)
def test_content_that_is_no_base64_is_refused(block: Any, content: str) -> None:
    """Nobody is sent an empty picture, or words as one."""
    with pytest.raises(ModelInvalidRequestError):
        to_core([HumanMessage([block(content)])])


def test_base64_of_either_alphabet_may_have_line_breaks() -> None:
    """As mail writes it, and as addresses do."""
    raw = bytes(range(256))
    for text in (b64encode(raw).decode(), urlsafe_b64encode(raw).decode()):
        broken = "\n".join((text[:76], text[76:]))
        block = {"type": "image", "base64": broken, "mime_type": "image/png"}
        (message,) = to_core([HumanMessage([block])])
        (part,) = message.content
        assert isinstance(part, MediaPart)
        assert part.data == raw


@pytest.mark.parametrize(
    "block",
    [
        {"type": "image_url", "image_url": {"url": DATA_URL}},
        {"type": "image_url", "image_url": DATA_URL},
        {"type": "input_image", "image_url": DATA_URL},
        {"type": "image", "base64": BASE64, "mime_type": "image/png"},
        {"type": "image", "source_type": "base64", "data": BASE64, "mime_type": "image/png"},
        {
            "type": "image",
            "source": {"type": "base64", "media_type": "image/png", "data": BASE64},
            "cache_control": {"type": "ephemeral"},
        },
        {"type": "media", "mime_type": "image/png", "data": BASE64},
    ],
)
def test_a_picture_is_one_in_every_spelling(block: dict[str, Any]) -> None:
    """The content and its type are the same, and marks for caches are gone."""
    picture = MediaPart(kind="image", data=DATA, mime="image/png")

    assert one(HumanMessage([block])).content == (picture,)


@pytest.mark.parametrize(
    "block",
    [
        {"type": "image_url", "image_url": {"url": PAGE}},
        {"type": "image", "url": PAGE},
        {"type": "image", "source_type": "url", "url": PAGE},
        {"type": "image", "source": {"type": "url", "url": PAGE}},
    ],
)
def test_a_picture_may_lie_elsewhere(block: dict[str, Any]) -> None:
    """An address stays an address; the provider fetches it, or is passed over."""
    assert one(HumanMessage([block])).content == (MediaPart(kind="image", url=PAGE),)


@pytest.mark.parametrize(
    ("block", "part"),
    [
        (
            {"type": "input_audio", "input_audio": {"data": BASE64, "format": "mp3"}},
            MediaPart(kind="audio", data=DATA, mime="audio/mp3"),
        ),
        (
            {"type": "audio", "base64": BASE64, "mime_type": "audio/mpeg"},
            MediaPart(kind="audio", data=DATA, mime="audio/mpeg"),
        ),
        (
            {"type": "file", "file": {"filename": "a.pdf", "file_data": DATA_URL}},
            MediaPart(kind="file", data=DATA, mime="image/png", name="a.pdf"),
        ),
        (
            {
                "type": "file",
                "base64": BASE64,
                "mime_type": "application/pdf",
                "extras": {"filename": "a.pdf"},
            },
            MediaPart(kind="file", data=DATA, mime="application/pdf", name="a.pdf"),
        ),
        (
            {
                "type": "document",
                "title": "a.pdf",
                "source": {"type": "base64", "media_type": "application/pdf", "data": BASE64},
            },
            MediaPart(kind="file", data=DATA, mime="application/pdf", name="a.pdf"),
        ),
        ({"type": "document", "source": {"type": "text", "data": "words"}}, TextPart("words")),
        ({"type": "text-plain", "text": "words"}, TextPart("words")),
        ({"type": "text-plain", "base64": b64encode(b"words").decode()}, TextPart("words")),
        (
            {"type": "video", "base64": BASE64, "mime_type": "video/mp4"},
            MediaPart(kind="video", data=DATA, mime="video/mp4"),
        ),
        (
            {"type": "video_url", "video_url": {"url": PAGE}},
            MediaPart(kind="video", url=PAGE),
        ),
    ],
)
def test_sounds_films_and_files_are_read(block: dict[str, Any], part: MediaPart | TextPart) -> None:
    """Each kind arrives with its content, type and name."""
    message = HumanMessage(["Look:", block])

    assert one(message).content == (TextPart("Look:"), part)


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ({"type": "file", "file_id": "file-1"}, "uploaded"),
        ({"type": "image", "source_type": "id", "id": "1"}, "uploaded"),
        ({"type": "hologram", "data": "x"}, "hologram"),
        ({"type": "image_url"}, "image_url"),
        ({"type": "input_audio", "input_audio": {"data": "a", "format": "wav"}}, "input_audio"),
    ],
)
def test_what_cannot_be_sent_to_every_provider_is_refused(
    block: dict[str, Any], words: str
) -> None:
    """The error comes before anything is sent, and says which block it is about."""
    with pytest.raises(ModelInvalidRequestError, match=words):
        to_core([HumanMessage([block])])


@pytest.mark.parametrize(
    "block",
    [
        {"type": "thinking", "thinking": "hm", "signature": "secret"},
        {"type": "reasoning", "reasoning": "hm"},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
    ],
)
def test_thoughts_leave_the_content(block: dict[str, Any]) -> None:
    """They travel apart, for providers that want them back."""
    turn = one(AIMessage([block, {"type": "text", "text": "Yes."}]))

    assert (turn.content, turn.reasoning) == ("Yes.", "hm")


def test_thoughts_and_refusals_of_our_own_answers_come_back() -> None:
    """What an answer keeps beside its content is read where it was put."""
    kept = {"reasoning_content": "hm", "refusal": "no"}
    turn = one(AIMessage("", additional_kwargs=kept))

    assert (turn.reasoning, turn.refusal) == ("hm", "no")


def test_a_models_turn_loses_what_only_its_vendor_understands() -> None:
    """An unknown block of a model is dropped, because nobody can rewrite history."""
    blocks = [{"type": "server_tool_call", "id": "1"}, {"type": "text", "text": "So"}, " be it."]

    assert one(AIMessage(blocks)).content == "So be it."


def test_a_call_in_the_content_is_told_once() -> None:
    """Anthropic and LangChain write calls into the content as well."""
    blocks = [
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "1", "name": "look", "input": {"at": "it"}},
        {"type": "tool_call", "id": "1", "name": "look", "args": {"at": "it"}},
    ]
    call = {"type": "tool_call", "id": "1", "name": "look", "args": {"at": "it"}}
    turn = one(AIMessage(blocks, tool_calls=[call]))

    assert turn.content == "I look."
    assert turn.tool_calls == (ToolCall(id="1", name="look", arguments='{"at": "it"}'),)


@pytest.mark.parametrize(
    "block",
    [
        {"type": "tool_use", "id": "1", "name": "look", "input": {"at": "it"}},
        {"type": "function_call", "call_id": "1", "name": "look", "arguments": '{"at": "it"}'},
    ],
)
def test_a_call_that_stands_only_in_the_content_is_found(block: dict[str, Any]) -> None:
    """Other vendors' histories may not have been read by LangChain."""
    calls = one(AIMessage([block])).tool_calls

    assert calls == (ToolCall(id="1", name="look", arguments='{"at": "it"}'),)


def test_a_call_that_could_not_be_read_stays_a_call() -> None:
    """Without it the tool message that answers it would answer nothing."""
    invalid = {"type": "invalid_tool_call", "id": "2", "name": "f", "args": "{oh", "error": "no"}
    turns = to_core(
        [AIMessage("", invalid_tool_calls=[invalid]), ToolMessage("error", tool_call_id="2")]
    )

    assert turns[0].tool_calls == (ToolCall(id="2", name="f", arguments="{oh"),)
    assert turns[1].tool_call_id == "2"


def test_answers_inside_a_persons_turn_become_turns_of_the_tool() -> None:
    """Anthropic's histories answer calls that way; the rest of the turn follows."""
    result = {"type": "tool_result", "tool_use_id": "1", "content": [{"type": "text", "text": "5"}]}
    turns = to_core([HumanMessage([result, {"type": "text", "text": "And now?"}])])

    assert [(turn.role, turn.content) for turn in turns] == [("tool", "5"), ("user", "And now?")]
    assert turns[0].tool_call_id == "1"


def test_a_turn_of_nothing_but_answers_leaves_no_empty_turn() -> None:
    """A user who says nothing would be answered by the model."""
    result = {"type": "tool_result", "tool_use_id": "1", "content": "5"}

    assert [turn.role for turn in to_core([HumanMessage([result])])] == ["tool"]


def test_a_tool_may_answer_with_a_picture() -> None:
    """Where a provider takes none there, the core moves it."""
    blocks = ["Here:", {"type": "image", "base64": BASE64, "mime_type": "image/png"}]
    turn = one(ToolMessage(blocks, tool_call_id="1"))

    assert turn.content == (TextPart("Here:"), MediaPart(kind="image", data=DATA, mime="image/png"))


def test_a_vendors_secrets_are_kept_by_provider_and_family() -> None:
    """They come back to the same provider and family only, and show in no repr."""
    kept = {"freetier_vendor": {"gemini/gemini-3": {"message": {"signature": "s3cret"}}}}
    turn = one(AIMessage("", additional_kwargs=kept))

    assert turn.vendor == {("gemini", "gemini-3"): {"message": {"signature": "s3cret"}}}
    assert "s3cret" not in repr(turn)
