"""The real model behind its real server."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from freetier.local import PROMPT, LocalModel, ServerFailed, passages, questions
from tests.core.local.conftest import environment

pytestmark = pytest.mark.real_sleep("waiting for a real process polls")

HAS_PROC = Path("/proc/self/cmdline").exists()
QUESTION = {"messages": [{"role": "user", "content": "What is the capital of France?"}]}

PARENT = """
import os, sys
from pathlib import Path
from freetier.local import LocalModel
with LocalModel(weights=Path(sys.argv[1])) as model:
    print(model.pid, flush=True)
    if sys.argv[2] == "with a sibling" and os.fork() == 0:
        sys.stdin.read()
        os._exit(0)
    sys.stdin.read()
"""


def test_it_answers_with_text_usage_and_a_reason_to_stop(post):
    """A whole answer in the shape of OpenAI's API, of a real model."""
    status, body = post(QUESTION)
    answer = json.loads(body)
    assert status == 200
    assert answer["choices"][0]["message"]["content"].strip()
    assert answer["choices"][0]["finish_reason"] == "stop"
    assert answer["usage"]["total_tokens"] == (
        answer["usage"]["prompt_tokens"] + answer["usage"]["completion_tokens"]
    )


def test_it_answers_most_questions_of_the_text_rightly(post):
    """With the right passage at hand at least seven of the ten answers hold an expected word."""
    texts = {passage.title: passage.text for passage in passages()}
    right = 0
    for question in questions():
        content = PROMPT.format(context=texts[question.title], question=question.text)
        _, body = post({"messages": [{"role": "user", "content": content}]})
        said = json.loads(body)["choices"][0]["message"]["content"]
        right += any(word in said for word in question.words)
    assert right >= 7


def test_it_streams_pieces_usage_and_the_end(post):
    """Server-sent events: many pieces, one usage, `[DONE]`."""
    body = {**QUESTION, "stream": True, "stream_options": {"include_usage": True}}
    _, streamed = post(body)
    lines = [line.removeprefix("data: ") for line in streamed.decode().split("\n\n") if line]
    chunks = [json.loads(line) for line in lines[:-1]]
    pieces = [c["choices"][0]["delta"].get("content") for c in chunks if c["choices"]]
    assert lines[-1] == "[DONE]"
    assert len([piece for piece in pieces if piece]) > 3
    assert [c["usage"]["completion_tokens"] > 0 for c in chunks if c.get("usage")] == [True]


def test_it_fills_a_json_schema(post):
    """The schema is enforced, whatever the model would rather say."""
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "moons": {"type": "integer"}},
        "required": ["name", "moons"],
        "additionalProperties": False,
    }
    _, body = post(
        {
            "messages": [{"role": "user", "content": "Mars has two moons. Give name and moons."}],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "planet", "schema": schema},
            },
        }
    )
    value = json.loads(json.loads(body)["choices"][0]["message"]["content"])
    assert value.keys() == {"name", "moons"}
    assert isinstance(value["moons"], int)


def test_it_calls_the_one_tool_it_must_call(post):
    """Name and arguments come as a tool call."""
    parameters = {
        "type": "object",
        "properties": {"planet": {"type": "string", "enum": ["Venus", "Mars", "Saturn"]}},
        "required": ["planet"],
    }
    _, body = post(
        {
            "messages": [{"role": "user", "content": "How many moons does Mars have?"}],
            "tools": [
                {
                    "type": "function",
                    "function": {
                        "name": "count_moons",
                        "description": "Count the moons of a planet.",
                        "parameters": parameters,
                    },
                }
            ],
            "tool_choice": "required",
        }
    )
    choice = json.loads(body)["choices"][0]
    call = choice["message"]["tool_calls"][0]["function"]
    assert choice["finish_reason"] == "tool_calls"
    assert (call["name"], json.loads(call["arguments"])) == ("count_moons", {"planet": "Mars"})


def test_it_refuses_a_wrong_key(post):
    """Nobody else on this machine, and no web page, can use it."""
    status, _ = post(QUESTION, api_key="guessed")
    assert status == 401


def test_it_says_how_long_a_prompt_may_be(post):
    """A prompt beyond the context is refused with both figures."""
    status, body = post({"messages": [{"role": "user", "content": "planet " * 5000}]})
    error = json.loads(body)["error"]
    assert (status, error["type"]) == (400, "exceed_context_size_error")
    assert error["n_prompt_tokens"] > error["n_ctx"] == 4096


def test_its_key_is_in_no_repr(model):
    """The repr says where it is, not how to get in."""
    assert model.api_key not in repr(model)
    assert repr(model) == f"<LocalModel smollm2-135m-instruct: {model.base_url}>"
    assert urlsplit(model.base_url).hostname == "127.0.0.1"


def test_its_key_is_not_among_the_arguments_of_the_process(model):
    """Anyone on the machine can list those."""
    if not HAS_PROC:
        pytest.skip("this system has no /proc")
    for name in ("cmdline", "environ"):
        assert model.api_key.encode() not in Path(f"/proc/{model.pid}/{name}").read_bytes()


def test_it_ends_with_its_block_and_starts_anew(gguf):
    """After the block nothing listens; a second start has a new key."""
    model = LocalModel(weights=gguf, slots=1, context=512)
    with model:
        address, key = model.base_url, model.api_key
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=5)
    with pytest.raises(ConnectionError):
        connection.connect()
    with pytest.raises(ServerFailed, match="not running"):
        _ = model.base_url
    model.stop()
    with model:
        assert model.api_key != key


async def test_it_serves_in_async_with_too(gguf):
    """The loop is free while the server starts and stops."""
    async with LocalModel(weights=gguf, slots=1, context=512) as model:
        assert urlsplit(model.base_url).port
    assert "not running" in repr(model)


async def test_a_start_that_is_cancelled_leaves_no_server(gguf):
    """Whoever walks away while it starts leaves nothing behind."""
    model = LocalModel(weights=gguf, slots=1, context=512)
    starting = asyncio.create_task(model.__aenter__())
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert "not running" in repr(model)


@pytest.mark.parametrize("content", [b"no weights at all", None])
def test_wrong_weights_are_one_error_with_the_engines_words(extra, tmp_path, content):
    """The error names the file."""
    path = tmp_path / "wrong.gguf"
    if content:
        path.write_bytes(content)
    with pytest.raises(ServerFailed, match=r"ended by itself.*(?s:.*)wrong\.gguf"):
        LocalModel(weights=path).start()


def test_a_server_that_is_not_ready_in_time_is_ended(gguf):
    """The time it may take is bounded."""
    with pytest.raises(ServerFailed, match=r"not ready within 0\.001 s"):
        LocalModel(weights=gguf, start_timeout=0.001).start()


@pytest.mark.parametrize("family", ["alone", "with a sibling"])
def test_it_ends_when_its_parent_is_killed(gguf, family):
    """A killed parent stops nothing itself, and a forked sibling may hold the pipe open."""
    if not hasattr(os, "pidfd_open"):
        pytest.skip("this system cannot wait for a process that is not a child")
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(gguf), family],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(),
    ) as parent:
        server = os.pidfd_open(int(parent.stdout.readline()))
        try:
            parent.kill()
            ended, _, _ = select.select([server], [], [], 30)
        finally:
            os.close(server)
    assert ended == [server]


def test_it_ends_in_the_middle_of_an_answer(gguf):
    """An answer that is still being written holds nobody up, and breaks off."""
    with LocalModel(weights=gguf, slots=1, context=2048) as model:
        address = urlsplit(model.base_url)
        connection = http.client.HTTPConnection(address.netloc, timeout=30)
        body = {**QUESTION, "stream": True, "max_tokens": 1500, "ignore_eos": True}
        headers = {"Authorization": f"Bearer {model.api_key}", "Content-Type": "application/json"}
        connection.request("POST", "/v1/chat/completions", json.dumps(body), headers)
        answer = connection.getresponse()
        assert answer.read(6) == b"data: "
    with answer, pytest.raises((http.client.IncompleteRead, ConnectionError)):
        answer.read()
    connection.close()


def test_it_ends_when_it_is_terminated(gguf):
    """The engine's own handler would stop answering and leave the process behind."""
    if not hasattr(os, "pidfd_open"):
        pytest.skip("this system cannot wait for a process that is not a child")
    with LocalModel(weights=gguf, slots=1, context=512) as model:
        server = os.pidfd_open(model.pid)
        os.kill(model.pid, signal.SIGTERM)
        ended, _, _ = select.select([server], [], [], 30)
        os.close(server)
    assert ended == [server]


def test_ctrl_c_is_left_to_the_parent(model, post):
    """The terminal sends it to both; the server goes on until it is told to leave."""
    os.kill(model.pid, signal.SIGINT)
    assert post(QUESTION)[0] == 200
