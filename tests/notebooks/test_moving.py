"""The page for those who move over: its files load as they stand, its snippets run."""

from __future__ import annotations

import io
import json
import re
from contextlib import redirect_stdout

import pytest

from freetier import Router
from freetier.testing import FakeProvider, Fleet
from tests.notebooks.run import FOLDER

PAGE = (FOLDER / "MOVING.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
FILES = [(kind, body) for kind, body in BLOCKS if kind in {"json", "yaml"}]
SNIPPETS = [body for kind, body in BLOCKS if kind == "python"]
ENVIRON = {
    "GROQ_API_KEY": "a",
    "CEREBRAS_API_KEY": "b",
    "GEMINI_KEY_1": "c",
    "GROK_API_KEY": "d",
    "OPENAI_API_KEY": "e",
}
ACCOUNTS = [["groq", "cerebras"], ["gemini-1", "grok-free", "openai-paid"], ["groq", "mine"]]
ALIASES = ["my-fast-model", "fast", "chat"]


@pytest.mark.parametrize(
    ("kind", "body", "accounts", "alias"),
    [(*f, a, n) for f, a, n in zip(FILES, ACCOUNTS, ALIASES, strict=True)],
)
def test_a_file_loads_as_it_stands(kind, body, accounts, alias, tmp_path):
    """Every account takes part, and its alias has somebody who answers."""
    file = tmp_path / f"router.{kind}"
    file.write_text(body, encoding="utf-8")
    file.chmod(0o600)
    router = Router.from_file(file, environ=ENVIRON)
    assert [account.id for account in router.setup.accounts] == accounts
    assert router.is_model_available(alias)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=["from_file", "with_fallbacks"])
def test_a_snippet_runs(snippet, tmp_path, monkeypatch):
    """Over providers that are fakes."""
    with Fleet(FakeProvider("groq", answer="Short wavelengths scatter most.")) as fleet:
        file = tmp_path / "router.json"
        file.write_text(json.dumps(fleet.config()), encoding="utf-8")
        file.chmod(0o600)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("FREETIER_CONFIG", str(file))
        out = io.StringIO()
        with redirect_stdout(out):
            exec(compile(snippet, "MOVING.md", "exec"), {"__name__": "moving"})  # noqa: S102
    assert out.getvalue() == "Short wavelengths scatter most.\n"


def test_every_name_of_ours_on_the_page_exists():
    """Errors, methods and strategies in the tables are those of the package."""
    import freetier
    from freetier.routing.strategies import STRATEGIES

    for name in ("QuotaExhausted", "AllFailed", "UnknownModel", "NoCandidate"):
        assert name in PAGE
        assert hasattr(freetier, name)
    for name in ("list_models", "quota_status", "reset_usage", "clear_cooldowns", "listen"):
        assert name in PAGE
        assert hasattr(Router, name)
    for name in ("least-used", "fastest", "cost-first", "weighted", "declared", "least-busy"):
        assert f"`{name}`" in PAGE
        assert name in STRATEGIES
