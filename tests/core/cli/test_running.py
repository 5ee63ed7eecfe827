"""How commands run and end: one message, the right status, nothing left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import typer

from freetier.cli.out import Out
from freetier.cli.running import command, message
from freetier.cli.status import status
from freetier.cli.statuses import Status
from freetier.errors import AllFailed, ConfigError, StoreUnavailable
from freetier.values.reports import RouteReport
from freetier.values.sheets import Head, Sheet
from tests.core.cli.program import environment, run

REPORT = RouteReport(request_id="1", alias="fast")
TABLE = Sheet(title="T", heads=(Head("a"), Head("b")), rows=(("1", "x [bold]y"),))


@pytest.mark.parametrize(
    ("error", "leaves"),
    [
        (ConfigError("a wrong key"), 2),
        (StoreUnavailable("gone"), 2),
        (ModuleNotFoundError("no", name="redis"), 2),
        (FileNotFoundError(2, "No such file", "rows.csv"), 2),
        (AllFailed("nobody", REPORT), 1),
    ],
)
def test_an_error_becomes_one_message_and_a_status(error, leaves, capsys):
    """On the standard error; the standard output stays clean."""
    with pytest.raises(typer.Exit) as end, command():
        raise error
    said = capsys.readouterr()
    assert (end.value.exit_code, said.out) == (leaves, "")
    assert said.err == f"{message(error)}\n"


def test_with_json_an_error_is_a_document_as_well(capsys):
    """Programs find type, message and the route where they look for the answer."""
    with pytest.raises(typer.Exit), command(json=True):
        raise AllFailed("nobody", REPORT)
    said = json.loads(capsys.readouterr().out)["error"]
    assert (said["type"], said["message"]) == ("AllFailed", "nobody")
    assert said["report"]["alias"] == "fast"


def test_a_fault_of_the_program_keeps_its_traceback():
    """It is for us to see."""
    with pytest.raises(ZeroDivisionError), command():
        _ = 1 / 0


def test_a_command_that_did_not_do_everything_says_so():
    """By its status alone."""
    with pytest.raises(typer.Exit) as end, command() as out:
        out.status = Status.FAILED
    assert end.value.exit_code == 1


def test_what_is_no_terminal_gets_plain_text(capsys):
    """Aligned, without colour, and with brackets as they are."""
    Out().show([TABLE])
    assert capsys.readouterr().out == "T\na  b\n1  x [bold]y\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "no such file"),
        ("accounts: [", "line 2"),
        ("accounts:\n  - provider: groqq\n", "did you mean"),
        ("accounts:\n  - {provider: groq, auth: {api_key: '${NOT_SET}'}}\n", "NOT_SET"),
    ],
)
def test_a_wrong_file_is_one_sentence(text, says, tmp_path, capsys):
    """What, where, and what would help; status 2."""
    file = tmp_path / "freetier.yaml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(typer.Exit) as end:
        status(config=str(file))
    said = capsys.readouterr()
    assert (end.value.exit_code, said.out) == (2, "")
    assert says in said.err
    assert str(file) in said.err
    assert len(said.err.splitlines()) == 1


def test_without_any_key_it_says_which_would_do():
    """One sentence, and where to begin."""
    said = run("status", env=environment(FREETIER_CONFIG=""))
    assert (said.returncode, said.stdout) == (2, "")
    assert "GROQ_API_KEY" in said.stderr


@pytest.mark.parametrize("words", [["status"], ["demo", "--canned"]], ids=" ".join)
def test_a_reader_who_leaves_ends_it_without_a_word(words):
    """As `| head` does; the status is that of a broken pipe, whoever draws."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "freetier", *words],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
        text=True,
        env=environment(GROQ_API_KEY="k"),
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")
