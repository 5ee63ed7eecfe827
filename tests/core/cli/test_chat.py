"""`freetier chat`: turns, commands, and how it ends."""

from __future__ import annotations

import io
import sys

import pytest
import typer

from freetier.cli.chat import chat
from freetier.testing import FakeProvider, Limit
from tests.core.cli.places import served
from tests.core.cli.program import environment
from tests.core.cli.terminal import at_terminal


def _heard(request):
    turns = [m["content"] for m in request["messages"] if m["role"] == "user"]
    return f"I heard {len(turns)}: {turns[-1]}"


def _talk(monkeypatch, *lines):
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines) + "\n"))


def test_each_turn_knows_what_was_said_before(tmp_path, capsys, monkeypatch):
    """The whole conversation is sent, and each answer says who gave it."""
    _talk(monkeypatch, "one", "two", "/history", "/clear", "three")
    with served(tmp_path, FakeProvider("groq", answer=_heard)) as (_, file):
        chat(config=file)
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "I heard 1: one",
        "I heard 2: two",
        "you: one",
        "model: I heard 1: one",
        "you: two",
        "model: I heard 2: two",
        "forgotten",
        "I heard 1: three",
    ]
    assert said.err.count("-- groq, ") == 3


def test_its_commands_answer_and_harm_nothing(tmp_path, capsys, monkeypatch):
    """Models, status, route, help; a slip is met with the nearest."""
    _talk(
        monkeypatch, "/route", "/history", "/model", "/model gpt-oss-20b", "/model nope", "/stauts"
    )
    with served(tmp_path) as (_, file):
        chat(config=file)
        said = capsys.readouterr()
        assert "nothing was asked yet\nnothing was said yet\n" in said.out
        assert "Talking to gpt-oss-20b." in said.out
        assert "unknown model 'nope'" in said.err
        assert "did you mean /status?" in said.err
        _talk(monkeypatch, "hello", "/route", "/status", "/help", "/quit", "never")
        chat(config=file)
    said = capsys.readouterr().out
    assert "answered" in said
    assert "known from" in said
    assert "/clear" in said
    assert said.count("Because it scatters.") == 1


def test_a_turn_without_an_answer_leaves_the_conversation_and_fails_a_script(
    tmp_path, capsys, monkeypatch
):
    """The next turn goes on; the status of piped lines tells of it."""
    _talk(monkeypatch, "one", "two")
    limited = FakeProvider("groq", limits=[Limit(1, "minute")], answer=_heard)
    with served(tmp_path, limited) as (_, file), pytest.raises(typer.Exit) as end:
        chat(config=file, max_wait=0.0)
    said = capsys.readouterr()
    assert (end.value.exit_code, said.out) == (1, "I heard 1: one\n")


def test_at_a_terminal_ctrl_c_stops_an_answer_and_the_talk_goes_on(tmp_path):
    """What was said stays; /quit leaves with success."""
    slow = FakeProvider("groq", answer="word " * 400, token_rate=25)
    steps = [("> ", "hello\n"), ("word word", "\x03"), ("> ", "/history\n"), ("> ", "/quit\n")]
    with served(tmp_path, slow) as (_, file):
        env = environment(TERM="xterm", COLUMNS="80")
        seen, status = at_terminal(["chat", "-c", file], steps, env)
    assert status == 0, seen
    assert "Talking to best." in seen
    assert "(stopped)" in seen
    assert "you: hello" in seen
    assert "Traceback" not in seen
