"""Chat and complete in four colours: what goes out, what comes back, and who is told."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from typing import Any

import pytest
from llama_index.core.base.llms.types import (
    AudioBlock,
    ChatMessage,
    ChatResponse,
    DocumentBlock,
    ImageBlock,
    TextBlock,
)
from llama_index.core.callbacks import CallbackManager, CBEventType, LlamaDebugHandler
from llama_index.core.callbacks.token_counting import TokenCountingHandler
from llama_index.core.utilities.token_counting import TokenCounter

from freetier.testing.said import Said
from freetier_llamaindex import FreeTierLLM, collect_routes

HELLO = [ChatMessage(role="user", content="Hello there")]
ANSWER = "This is a fake answer to: Hello there"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)
WAVE = b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00"
PAPER = b"%PDF-1.7\n\xff\xfe and more"


def test_a_conversation_is_answered(llm: FreeTierLLM) -> None:
    """`chat` returns the whole message, and in `raw` who said it and what it took."""
    answer = llm.chat(HELLO)

    assert answer.message.content == ANSWER
    assert answer.message.role == "assistant"
    assert_whole(answer)


async def test_a_conversation_is_answered_asynchronously(llm: FreeTierLLM) -> None:
    """`achat` returns the same as `chat`."""
    answer = await llm.achat(HELLO)

    assert answer.message.content == ANSWER
    assert_whole(answer)


def test_a_streamed_conversation_grows(llm: FreeTierLLM) -> None:
    """Each response of `stream_chat` holds everything so far; the last one all there is."""
    assert_grown(list(llm.stream_chat(HELLO)))


async def test_a_streamed_conversation_grows_asynchronously(llm: FreeTierLLM) -> None:
    """`astream_chat` is a coroutine that returns an asynchronous generator."""
    assert_grown([part async for part in await llm.astream_chat(HELLO)])


def test_a_prompt_is_completed(llm: FreeTierLLM, stage: Any) -> None:
    """`complete` sends the prompt as the user's turn."""
    answer = llm.complete("Hello there")

    assert answer.text == ANSWER
    assert answer.raw["provider"] in {"north", "south"}
    assert stage.last["messages"] == [{"role": "user", "content": "Hello there"}]


async def test_a_prompt_is_completed_asynchronously(llm: FreeTierLLM) -> None:
    """`acomplete` returns the same as `complete`."""
    assert (await llm.acomplete("Hello there")).text == ANSWER


def test_a_streamed_prompt_grows(llm: FreeTierLLM) -> None:
    """Each response of `stream_complete` holds the text so far and what has been added."""
    parts = list(llm.stream_complete("Hello there"))

    assert [part.text for part in parts] == _sums(part.delta for part in parts)
    assert parts[-1].text == ANSWER
    assert parts[-1].raw["usage"]["total_tokens"] > 0


async def test_a_streamed_prompt_grows_asynchronously(llm: FreeTierLLM) -> None:
    """`astream_complete` is a coroutine that returns an asynchronous generator."""
    parts = [part async for part in await llm.astream_complete("Hello there")]

    assert [part.text for part in parts] == _sums(part.delta for part in parts)
    assert parts[-1].text == ANSWER


def test_roles_arrive_as_they_are(llm: FreeTierLLM, stage: Any) -> None:
    """System, user, assistant and the older names of roles keep their turns on the wire."""
    llm.chat(
        [
            ChatMessage(role="developer", content="Be brief."),
            ChatMessage(role="user", content="One"),
            ChatMessage(role="chatbot", content="Two"),
            ChatMessage(role="user", content="Three"),
        ]
    )

    assert [(m["role"], m["content"]) for m in stage.last["messages"]] == [
        ("system", "Be brief."),
        ("user", "One"),
        ("assistant", "Two"),
        ("user", "Three"),
    ]


def test_an_image_arrives_whole(llm: FreeTierLLM, stage: Any) -> None:
    """An image block goes out as content, beside its text and in order."""
    blocks = [TextBlock(text="What is this?"), ImageBlock(image=PIXEL, detail="low")]
    llm.chat([ChatMessage(role="user", blocks=blocks)])

    text, image = stage.last["messages"][0]["content"]
    assert text == {"type": "text", "text": "What is this?"}
    assert image["image_url"]["url"].startswith("data:image/png;base64,iVBOR")
    assert image["image_url"]["detail"] == "low"


def test_a_sound_and_a_document_arrive_whole(llm: FreeTierLLM, stage: Any) -> None:
    """Audio goes out with its format, a document with its name, text files as text."""
    blocks = [
        AudioBlock(audio=WAVE, format="wav"),
        DocumentBlock(data=PAPER, title="paper.pdf"),
        DocumentBlock(data=b"Some notes, in words.", title="notes.txt"),
    ]
    llm.chat([ChatMessage(role="user", blocks=blocks)])

    sound, paper, notes = stage.last["messages"][0]["content"]
    assert sound["input_audio"]["format"] == "wav"
    assert b64decode(sound["input_audio"]["data"]) == WAVE
    assert paper["file"]["filename"] == "paper.pdf"
    assert paper["file"]["file_data"].startswith("data:application/pdf;base64,")
    assert notes == {"type": "text", "text": "Some notes, in words."}


def test_fields_and_arguments_go_to_the_provider(stage: Any) -> None:
    """A field of the model is sent with each call, and a call's own argument wins."""
    llm = stage.llm(temperature=0.5, max_tokens=40, stop=["END"])
    llm.chat(HELLO, temperature=0.0)

    assert stage.last["temperature"] == 0.0
    assert stage.last["stop"] == ["END"]
    assert 40 in {stage.last.get("max_tokens"), stage.last.get("max_completion_tokens")}


def test_thoughts_come_first_and_piece_by_piece(llm: FreeTierLLM, stage: Any) -> None:
    """Reasoning is a leading block of the message, and a `thinking_delta` while it streams."""
    stage.mind = lambda _body: Said(text="Four.", reasoning="Two and two.")
    parts = list(llm.stream_chat(HELLO))

    thoughts = "".join(part.additional_kwargs.get("thinking_delta", "") for part in parts)
    assert thoughts == "Two and two."
    assert [block.block_type for block in parts[-1].message.blocks] == ["thinking", "text"]
    assert parts[-1].message.blocks[0].content == "Two and two."
    assert llm.chat(HELLO).message.blocks[0].content == "Two and two."


def test_a_history_stays_as_it_was(llm: FreeTierLLM) -> None:
    """No call changes the messages it is given, nor the list they stand in."""
    history = [ChatMessage(role="system", content="Be brief."), *HELLO]
    before = [message.model_dump() for message in history]
    llm.chat(history)
    llm.chat_with_tools([], user_msg="And now?", chat_history=history)
    list(llm.stream_chat(history))

    assert [message.model_dump() for message in history] == before


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_tokens_are_counted_as_the_provider_counts_them(stage: Any, streamed: bool) -> None:
    """A `TokenCountingHandler` has the fleet's own figures, to the token, each call once."""
    counter = _counter()
    llm = stage.llm(callback_manager=CallbackManager([counter]))
    for _ in range(3):
        if streamed:
            list(llm.stream_chat(HELLO))
            list(llm.stream_complete("Hello"))
        else:
            llm.chat(HELLO)
            llm.complete("Hello")

    counted = stage.fleet.books.tokens()
    assert counter.prompt_llm_token_count == counted.input
    assert counter.completion_llm_token_count == counted.output
    assert len(counter.llm_token_counts) == 6


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
async def test_tokens_are_counted_asynchronously(stage: Any, streamed: bool) -> None:
    """The asynchronous calls are counted to the token as well."""
    counter = _counter()
    llm = stage.llm(callback_manager=CallbackManager([counter]))
    if streamed:
        _ = [part async for part in await llm.astream_chat(HELLO)]
        _ = [part async for part in await llm.astream_complete("Hello")]
    else:
        await llm.achat(HELLO)
        await llm.acomplete("Hello")

    counted = stage.fleet.books.tokens()
    assert counter.prompt_llm_token_count == counted.input
    assert counter.completion_llm_token_count == counted.output
    assert len(counter.llm_token_counts) == 2


def test_a_completion_is_one_event(llm: FreeTierLLM) -> None:
    """A completion goes through no second decorated call, so handlers hear of it once."""
    heard = LlamaDebugHandler(print_trace_on_end=False)
    llm.callback_manager = CallbackManager([heard])
    llm.complete("Hello")
    list(llm.stream_complete("Hello"))

    assert len(heard.get_event_pairs(CBEventType.LLM)) == 2


async def test_a_running_call_lets_other_tasks_run(stage: Any) -> None:
    """While the provider works on a call, the loop does what the provider waits for."""
    loop = asyncio.get_running_loop()

    async def done_meanwhile() -> str:
        return "The loop is free."

    def ask_the_loop(_body: Any) -> str:
        return asyncio.run_coroutine_threadsafe(done_meanwhile(), loop).result()

    stage.mind = ask_the_loop
    llm = stage.llm()
    whole = await asyncio.gather(*(llm.acomplete("Hello") for _ in range(4)))
    streamed = [part async for part in await llm.astream_chat(HELLO)]

    assert {answer.text for answer in whole} == {"The loop is free."}
    assert streamed[-1].message.content == "The loop is free."


def test_one_model_serves_one_loop_after_the_other(llm: FreeTierLLM) -> None:
    """Nothing of a model belongs to an event loop: a closed one takes no call with it."""
    for _ in range(3):
        assert asyncio.run(_asked(llm)) == ANSWER


async def _asked(llm: FreeTierLLM) -> str | None:
    return (await llm.achat(HELLO)).message.content


def test_who_stops_reading_is_told_who_answered(lone_stage: Any) -> None:
    """A stream that is left early is closed, settled, and told as a route."""
    with collect_routes() as routes:
        stream = lone_stage.llm().stream_chat(HELLO)
        next(stream)
        stream.close()

    assert [route.served_by for route in routes] == ["north/bravo-9b"]


def assert_whole(answer: ChatResponse) -> None:
    """Check what stands in `raw` of a whole answer."""
    raw = answer.raw
    assert json.loads(json.dumps(raw)) == raw
    assert raw["provider"] in {"north", "south"}
    assert raw["model"] == "bravo-9b"
    assert raw["finish_reason"] == "stop"
    assert (
        raw["usage"]["prompt_tokens"] + raw["usage"]["completion_tokens"]
        == raw["usage"]["total_tokens"]
    )
    route = raw["freetier"]
    assert route["alias"] == "bravo-9b"
    assert route["account"] == f"{raw['provider']}-1"
    assert route["failovers"] == (raw["provider"] == "south")
    assert answer.additional_kwargs["provider"] == raw["provider"]


def assert_grown(parts: list[ChatResponse]) -> None:
    """Check that a stream is cumulative and ends with everything."""
    assert len(parts) > 2
    assert [part.message.content for part in parts] == _sums(part.delta for part in parts)
    assert parts[-1].message.content == ANSWER
    assert parts[-1].delta == ""
    assert_whole(parts[-1])
    providers = {part.raw["provider"] for part in parts}
    assert len(providers) == 1
    assert [part.raw["finish_reason"] for part in parts[:-1]] == [None] * (len(parts) - 1)


def _sums(deltas: Any) -> list[str]:
    grown, text = [], ""
    for delta in deltas:
        text += delta
        grown.append(text)
    return grown


def _counter() -> TokenCountingHandler:
    """A counter whose own tokenizer would give itself away."""
    counter = TokenCountingHandler(tokenizer=lambda text: [0] * 1000 * (1 + len(text)))
    assert isinstance(counter._token_counter, TokenCounter)
    return counter
