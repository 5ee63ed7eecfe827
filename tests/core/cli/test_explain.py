"""`freetier explain`: whom a request would go to, and why not others."""

from __future__ import annotations

import json

import pytest

from freetier import NoCandidate, Router
from freetier.cli.explain import explain
from freetier.display import text
from freetier.testing import FakeProvider
from tests.core.cli.places import served


def test_candidates_stand_in_order(tmp_path, capsys):
    """As text and as a document; nothing is sent."""
    with served(tmp_path) as (fleet, file):
        explain("gpt-oss-20b", config=file)
        shown = capsys.readouterr().out
        explain("gpt-oss-20b", config=file, json=True)
        told = json.loads(capsys.readouterr().out)
        assert not fleet.books.admitted()
    assert shown.startswith("gpt-oss-20b would go to\n")
    assert [one["candidate"] for one in told["order"]] == ["groq-1/openai/gpt-oss-20b"]
    assert "groq-1/openai/gpt-oss-20b" in shown


def test_it_says_why_there_is_nobody(tmp_path, capsys):
    """No model of the kind, or one that is left out with its reason; asking says the same."""
    why = "no account here has a model of this kind"
    with served(tmp_path, FakeProvider("groq", models=["openai/gpt-oss-20b"])) as (_, file):
        explain("long", config=file)
        assert capsys.readouterr().out == f"long → nobody can take this request\n{why}\n"
        with pytest.raises(NoCandidate, match=f"^nobody can serve 'long': {why}$"):
            Router(file).complete("Hello", model="long")
        left_out = text(Router(file).explain(model="gpt-oss-20b", exclude=["groq"]).sheets())
    assert "nobody can take this request" in left_out
    assert "groq-1/openai/gpt-oss-20b" in left_out
    assert why not in left_out
