"""`freetier ask`: the answer on the standard output, the rest beside it."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from contextlib import closing

import pytest
import typer

from freetier import Router
from freetier.cli.ask import ask
from freetier.testing import FakeProvider, Limit
from tests.core.cli.places import served
from tests.core.cli.program import environment


@pytest.fixture(autouse=True)
def _nothing_piped_in(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))


def test_it_prints_the_answer_and_who_gave_it(tmp_path, capsys):
    """The answer alone can be piped on; who gave it stands beside it."""
    with served(tmp_path) as (_, file):
        ask("Why is the sky blue?", config=file)
    said = capsys.readouterr()
    assert said.out == "Because it scatters.\n"
    assert said.err.startswith("-- groq, openai/gpt-oss-120b, account groq-1, ")


def test_with_json_the_answer_and_its_route_are_one_document(tmp_path, capsys):
    """Usage, finish reason and the whole report."""
    with served(tmp_path) as (_, file):
        ask("Why?", config=file, json=True)
    said = json.loads(capsys.readouterr().out)
    assert (said["text"], said["finish_reason"]) == ("Because it scatters.", "stop")
    assert said["report"]["account"] == "groq-1"


def test_what_is_piped_in_goes_below_the_question(tmp_path, capsys, monkeypatch):
    """`cat notes.txt | freetier ask "Sum up"`."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("Notes.\n"))
    heard = FakeProvider("groq", answer=lambda request: str(request["messages"]))
    with served(tmp_path, heard) as (_, file):
        ask("Sum up", system="Be short.", config=file)
    said = capsys.readouterr().out
    assert "Be short." in said
    assert "Sum up\\n\\nNotes." in said


def test_a_fail_over_and_the_route_are_told_beside_the_answer(tmp_path, capsys):
    """A refusal that the router did not foresee, and with `--route` everything."""
    full = FakeProvider("cerebras", limits=[Limit(1, "day")], answer="First.")
    providers = (full, FakeProvider("groq", answer="Second."))
    with served(tmp_path, *providers, told=False, strategy="declared") as (_, file):
        ask("Hello", config=file, model="gpt-oss-120b")
        ask("Hello", config=file, model="gpt-oss-120b", route=True)
    said = capsys.readouterr()
    assert said.out == "First.\nSecond.\n"
    assert "; going on" in said.err
    assert "1. cerebras-1/gpt-oss-120b quota_gone after" in said.err
    assert "2. groq-1/openai/gpt-oss-120b answered after" in said.err


def test_a_model_cannot_steer_the_terminal(tmp_path, capsys):
    """Escape sequences of an answer are taken out; line ends stay."""
    with served(tmp_path, FakeProvider("groq", answer="a\x1b[2Jb\nc")) as (_, file):
        ask("Hello", config=file)
    assert capsys.readouterr().out == "a[2Jb\nc\n"


def test_no_quota_and_no_patience_is_a_failure_with_the_time(tmp_path, capsys):
    """Status 1, and when it is back."""
    limited = FakeProvider("groq", limits=[Limit(1, "minute")])
    with served(tmp_path, limited, store=f"sqlite:///{tmp_path}/q.db") as (_, file):
        ask("One", config=file)
        with pytest.raises(typer.Exit) as end:
            ask("Two", config=file, max_wait=0.0)
    assert end.value.exit_code == 1
    assert "requests" in capsys.readouterr().err


def test_no_question_is_an_error_of_the_line(capsys):
    """With an example of what would do."""
    with pytest.raises(typer.Exit) as end:
        ask("")
    assert end.value.exit_code == 2
    assert 'freetier ask "' in capsys.readouterr().err


@pytest.mark.real_sleep("the answer has to be under way when Ctrl-C comes")
def test_ctrl_c_in_a_stream_ends_it_in_one_line_and_settles(tmp_path):
    """Status 130, what came before stays, and no quota is held any longer."""
    slow = FakeProvider("groq", answer="word " * 200, token_rate=20, limits=[Limit(9, "minute")])
    store = f"sqlite:///{tmp_path}/q.db"
    with served(tmp_path, slow, store=store) as (_, file):
        asking = subprocess.Popen(
            [sys.executable, "-m", "freetier", "ask", "-c", file, "Hello"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            env=environment(),
        )
        assert asking.stdout is not None
        first = asking.stdout.read(4)
        asking.send_signal(signal.SIGINT)
        rest, complaint = asking.communicate(timeout=60)
        with closing(Router(file)) as router:
            row = next(r for r in router.quota_status() if r.limit == 9)
    assert asking.returncode == 130
    assert first == b"word"
    assert rest.endswith(b"\n")
    assert complaint.decode().strip() == "Interrupted; everything is stopped."
    assert (row.used, row.reserved) == (1, 0)
