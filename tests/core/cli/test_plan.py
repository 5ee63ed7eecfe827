"""`freetier plan` and `freetier forecast`."""

from __future__ import annotations

import json
from typing import Any

import pytest
import typer

from freetier.cli.plan import forecast, plan
from freetier.testing import FakeProvider, Limit
from tests.core.cli.places import served

SLOW = FakeProvider("groq", limits=[Limit(30, "minute")])


def test_a_job_that_fits_is_told_with_who_carries_it(tmp_path, capsys):
    """As a table."""
    with served(tmp_path, SLOW) as (fleet, file):
        plan(100, model="groq/openai/gpt-oss-120b", by="2h", config=file)
        assert not list(fleet.books.entries), "nothing is sent"
    said = capsys.readouterr().out
    assert "100 requests to groq/openai/gpt-oss-120b of 500 + 300 tokens each: fits" in said
    assert "groq-1" in said


def test_a_job_that_does_not_fit_leaves_with_one(tmp_path, capsys):
    """For scripts; with `--json` as one document."""
    with served(tmp_path, SLOW) as (_, file), pytest.raises(typer.Exit) as left:
        plan(10_000, model="groq/openai/gpt-oss-120b", by="10m", config=file, json=True)
    assert left.value.exit_code == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["fits"], said["n_requests"]) == (False, 10_000)
    assert 0 < said["served"] < 400


@pytest.mark.parametrize("by", ["90m", "23:59", "00:00", "2099-01-31T18:00"])
def test_an_end_may_be_a_time_of_day_a_length_or_a_date(tmp_path, capsys, by):
    """All of them are ahead."""
    with served(tmp_path, SLOW) as (_, file):
        plan(1, model="groq/openai/gpt-oss-120b", by=by, config=file, json=True)
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert said["by"] > said["starts_at"]


@pytest.mark.parametrize(
    ("by", "says"),
    [
        ("soon", "write 18:00, 2h"),
        ("-5m", "not in the future"),
        ("2026-01-01T00:00:00+00:00", "not in the future"),
    ],
)
def test_an_end_that_means_nothing_or_is_past_is_told(tmp_path, capsys, by, says):
    """In one sentence, with the status for what could not begin."""
    with served(tmp_path, SLOW) as (_, file), pytest.raises(typer.Exit) as left:
        plan(5, model="groq/openai/gpt-oss-120b", by=by, config=file)
    assert left.value.exit_code == 2
    assert says in capsys.readouterr().err


def test_a_forecast_reads_what_other_processes_used(tmp_path, capsys):
    """Out of a store that is kept; nothing was used yet."""
    store = f"sqlite:///{tmp_path / 'quota.db'}"
    with served(tmp_path, SLOW, store=store) as (_, file):
        forecast(config=file)
    assert "nothing was used lately" in capsys.readouterr().out
