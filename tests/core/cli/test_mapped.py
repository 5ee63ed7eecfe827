"""`freetier map`: a file in, a file out, resumable, nothing half written."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import typer

from freetier.cli.mapped import map_
from freetier.testing import FakeProvider, Limit, echo, faults
from tests.core.cli.places import served
from tests.core.cli.program import environment

MODEL = "groq/openai/gpt-oss-120b"


def _echo() -> FakeProvider:
    return FakeProvider("groq", answer=echo)


def _jsonl(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def test_each_row_comes_back_with_its_answer(tmp_path, capsys):
    """In order, with who gave it; the journal is gone when nothing is left to do."""
    source = _jsonl(tmp_path / "in.jsonl", [{"id": i, "text": f"row {i}"} for i in range(9)])
    target = tmp_path / "out.jsonl"
    with served(tmp_path, _echo()) as (_, file):
        map_(source, target, prompt="Say {text}!", model=MODEL, config=file)
    rows = _rows(target)
    assert [row["id"] for row in rows] == list(range(9))
    assert all(f"Say row {row['id']}!" in row["answer"] for row in rows)
    assert {row["provider"] for row in rows} == {"groq"}
    assert "9 of 9 rows answered" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "freetier.yaml", "in.jsonl", "out.jsonl",
    ]  # fmt: skip


def test_csv_in_csv_out_and_no_cell_becomes_a_formula(tmp_path):
    """A model may write anything; a spreadsheet believes it."""
    source = tmp_path / "in.csv"
    source.write_text('name,question\nAda,"Why, ""then""?"\nBob,-7\nCai,1\nDee,2\n', "utf-8")
    answers = iter(['=HYPERLINK("http://x")', "-7.5", "\n=1", "\uff1d1"])
    fake = FakeProvider("groq", answer=lambda _: next(answers))
    with served(tmp_path, fake) as (_, file):
        map_(
            source, tmp_path / "out.csv", column="question", model=MODEL, config=file, concurrency=1
        )
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as out:
        rows = list(csv.DictReader(out))
    assert [row["name"] for row in rows] == ["Ada", "Bob", "Cai", "Dee"]
    assert rows[0]["question"] == 'Why, "then"?'
    assert rows[0]["answer"] == '\'=HYPERLINK("http://x")'
    assert rows[1]["answer"] == "-7.5", "a number stays one"
    assert [row["answer"] for row in rows[2:]] == ["'\n=1", "'\uff1d1"]


def test_lines_in_lines_out(tmp_path):
    """The simplest file."""
    source = tmp_path / "in.txt"
    source.write_text("one\n\ntwo\n", "utf-8")
    with served(tmp_path, _echo()) as (_, file):
        map_(source, tmp_path / "out.txt", system="Be short.", model=MODEL, config=file)
    lines = (tmp_path / "out.txt").read_text("utf-8").splitlines()
    assert ["one" in lines[0], "two" in lines[1], len(lines)] == [True, True, 2]


def test_a_row_that_fails_is_told_and_tried_again(tmp_path, capsys):
    """The others are answered, and kept; the second run asks for one row only."""
    source = _jsonl(tmp_path / "in.jsonl", ["a", "b", "c"])
    target = tmp_path / "out.jsonl"
    with served(tmp_path, _echo()) as (fleet, file):
        fleet.script("groq", [faults.Status(500)] * 2)
        given = {"model": MODEL, "config": file, "concurrency": 1}
        with pytest.raises(typer.Exit) as left:
            map_(source, target, **given)
        assert left.value.exit_code == 1
        assert [row["error"] is None for row in _rows(target)].count(False) == 1
        before = len(fleet.books.admitted())
        map_(source, target, **given)
        assert len(fleet.books.admitted()) == before + 1
    assert all(row["error"] is None for row in _rows(target))
    assert "2 of them by an earlier run" in capsys.readouterr().out


@pytest.mark.real_sleep("it watches a program of its own")
def test_ctrl_c_leaves_nothing_half_written_and_the_next_run_goes_on(tmp_path):
    """As a program of its own, interrupted while it waits for the next minute."""
    source = _jsonl(tmp_path / "in.jsonl", [f"row {i}" for i in range(8)])
    target, journal = tmp_path / "out.jsonl", tmp_path / "out.jsonl.journal"
    fake = FakeProvider("groq", limits=[Limit(5, "minute")], answer=echo)
    store = f"sqlite:///{tmp_path / 'quota.db'}"
    with served(tmp_path, fake, store=store) as (fleet, file):
        words = ["map", str(source), str(target), "-m", MODEL, "-c", file]
        program = [sys.executable, "-m", "freetier", *words]
        with subprocess.Popen(
            program, env=environment(), stderr=subprocess.PIPE, text=True
        ) as running:
            end = time.monotonic() + 60
            while _lines(journal) < 1 + 5 and time.monotonic() < end:
                time.sleep(0.05)
            running.send_signal(signal.SIGINT)
            said = running.communicate(timeout=60)[1]
        assert running.returncode == 130, said
        assert "the same command goes on" in said
        assert not target.exists()
        assert not target.with_name("out.jsonl.part").exists()
        assert _lines(journal) == 1 + 5
        assert not fleet.books.refused()


def test_what_cannot_begin_is_said_in_one_sentence(tmp_path, capsys):
    """And nothing is asked."""
    source = _jsonl(tmp_path / "in.jsonl", [{"a": 1, "b": 2}])
    there = tmp_path / "there.csv"
    there.write_text("mine", "utf-8")
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"a": 1}\nnot json\n', "utf-8")
    cases = [
        (tmp_path / "no.jsonl", tmp_path / "o.jsonl", "no such file"),
        (source, tmp_path / "o.xlsx", "should end in"),
        (source, there, "is there already"),
        (source, source, "same file"),
        (broken, tmp_path / "o.jsonl", "line 2 is no JSON"),
    ]
    with served(tmp_path, _echo()) as (fleet, file):
        for given, target, says in cases:
            with pytest.raises(typer.Exit) as left:
                map_(given, target, model=MODEL, config=file)
            assert left.value.exit_code == 2
            assert says in capsys.readouterr().err
        assert not list(fleet.books.entries)
    assert there.read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "say which column"),
        ({"column": "c"}, "no column 'c'; there are a, b"),
        ({"prompt": "Say {c}"}, "no column 'c'"),
        ({"prompt": "Say {a.__class__}"}, "no column 'a.__class__'"),
        ({"prompt": "Say {a"}, "write {{ for a brace"),
    ],
)
def test_a_prompt_that_cannot_be_made_is_each_rows_error(tmp_path, given, says):
    """It stands in the row, and nothing of Python is reached through a template."""
    source = _jsonl(tmp_path / "in.jsonl", [{"a": "x", "b": 2}])
    with served(tmp_path, _echo()) as (_, file), pytest.raises(typer.Exit):
        map_(source, tmp_path / "o.jsonl", model=MODEL, config=file, **given)
    assert says in _rows(tmp_path / "o.jsonl")[0]["error"]
