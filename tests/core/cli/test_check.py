"""`freetier check` and `freetier models`, as programs over real sockets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from freetier.testing import FakeProvider, Fleet
from tests.core.cli.program import environment, run

LISTED = ["openai/gpt-oss-120b", "openai/gpt-oss-20b", "brand-new"]


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """A configuration over a fake Groq whose list has changed, and its wrong twin."""
    with Fleet(FakeProvider("groq", models=LISTED)) as fleet:
        config: dict[str, Any] = fleet.config()
        del config["accounts"][0]["models"]
        path = tmp_path / "freetier.yaml"
        path.write_text(yaml.safe_dump(config), encoding="utf-8")
        config["accounts"][0]["auth"] = {"api_key": "wrong"}
        wrong = path.with_name("wrong.yaml")
        wrong.write_text(yaml.safe_dump(config), encoding="utf-8")
        for each in (path, wrong):
            each.chmod(0o600)
        yield path


def test_a_check_says_so_and_leaves_with_its_status(file: Path) -> None:
    """0 if all is well, 1 if a key is refused, 2 without any account."""
    good = run("check", "--config", str(file))
    assert (good.returncode, good.stderr) == (0, "")
    assert "accepted" in good.stdout
    assert "\x1b" not in good.stdout
    bad = run("check", "--config", str(file.with_name("wrong.yaml")), "--json")
    found = json.loads(bad.stdout)
    assert bad.returncode == 1
    assert [account["key"] for account in found["accounts"]] == ["refused"]
    none = run("check", env=environment(FREETIER_CONFIG=""))
    assert none.returncode == 2
    assert "GROQ_API_KEY" in none.stderr
    unknown = run("check", "grok", "--config", str(file))
    assert (unknown.returncode, unknown.stdout) == (2, "")


def test_models_are_shown_without_asking_and_refreshed_by_asking(file: Path) -> None:
    """Only `--refresh` finds out that the list has changed."""
    shown = run("models", "fast", "--config", str(file), "--json")
    assert shown.returncode == 0
    assert json.loads(shown.stdout)[0]["model"] == "openai/gpt-oss-20b"
    fresh = run("models", "--refresh", "--config", str(file))
    assert fresh.returncode == 0
    assert "brand-new" in fresh.stdout
    assert "qwen/qwen3.8-27b" in fresh.stdout
    assert "brand-new" not in run("models", "--config", str(file)).stdout
    wrong = run("models", "--refresh", "--config", str(file.with_name("wrong.yaml")))
    assert wrong.returncode == 1
    assert "Invalid API Key" in wrong.stdout


def test_a_name_that_nobody_serves_leaves_with_1_and_an_unknown_one_with_2(file: Path) -> None:
    """Scripts tell the two apart."""
    assert run("models", "long", "--config", str(file)).returncode == 1
    unknown = run("models", "fsat", "--config", str(file))
    assert unknown.returncode == 2
    assert "fast" in unknown.stderr
    both = run("models", "fast", "--refresh", "--config", str(file))
    assert both.returncode == 2
