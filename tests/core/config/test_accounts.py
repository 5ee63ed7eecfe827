"""The other fields of an account."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from freetier.values.accounts import Account, Secret
from tests.core.config.conftest import Load, Refusal


def _groq(**fields: Any) -> dict[str, Any]:
    return {"accounts": [{"provider": "groq", "api_key": "k"} | fields]}


def test_every_field_arrives(load: Load, tmp_path: Path):
    """Each under its own name."""
    ca_file = tmp_path / "ca.pem"
    ca_file.touch()
    written = {
        "id": "mine", "pool": "org", "priority": 2, "free": True, "paidEnabled": True,
        "maxDailySpend": 0.5, "timeout": "90s", "maxConcurrency": 3, "models": ["llama-3.3-70b"],
        "headers": {"X-Title": "me", "X-Count": 3}, "proxy": "http://me:pw@proxy.test:8080",
        "caFile": str(ca_file),
    }  # fmt: skip
    assert load(_groq(**written)).accounts[0] == Account(
        id="mine",
        provider="groq",
        secret=Secret("k"),
        base_url="https://api.groq.test/openai/v1",
        pool="org",
        priority=2,
        free=True,
        paid_enabled=True,
        max_daily_spend=0.5,
        timeout=90,
        max_concurrency=3,
        models=("llama-3.3-70b",),
        headers=(("X-Title", "me"), ("X-Count", "3")),
        proxy="http://me:pw@proxy.test:8080",
        ca_file=str(ca_file),
    )


@pytest.mark.parametrize(
    ("written", "timeout"),
    [
        ({}, None),
        ({"attempt_timeout": "2m"}, 120),
        ({"attemptTimeout": 0}, None),
        ({"timeout": 5, "attempt_timeout": "2m"}, 5),
    ],
)
def test_a_timeout_of_an_attempt(load: Load, written: dict[str, Any], timeout: float | None):
    """In either word; ours wins; 0 is none."""
    assert load(_groq(**written)).accounts[0].timeout == timeout


def test_trial_credit_is_the_catalogs_to_know(load: Load):
    """The older flag was used by nothing and is not here either."""
    setup = load({"providers": [{"type": "groq", "apiKey": "k", "isFreeCredits": True}]})
    assert any("isFreeCredits does nothing" in told for told in setup.warnings)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({"timeout": "soon"}, "accounts[0].timeout: must be a length"),
        ({"attemptTimeout": -1}, "accounts[0].attemptTimeout: must not be negative"),
        ({"headers": {"X Title": "x"}}, "is no name of a header"),
        ({"headers": {"X-Title": "a\r\nX-Evil: canary"}}, "a character that no header can carry"),
        ({"headers": {"X-Title": "é"}}, "a character that no header can carry"),
        ({"proxy": "proxy.test:8080"}, "accounts[0].proxy: must be a URL"),
        ({"ca_file": "/nowhere/ca.pem"}, "accounts[0].ca_file: there is no such file"),
        ({"caFile": "~nobody-here/x"}, "accounts[0].caFile: there is no such file"),
    ],
)
def test_fields_that_cannot_be_used_are_refused(
    refusal: Refusal, written: dict[str, Any], told: str
):
    """Before any request."""
    text = refusal(_groq(**written))
    assert told in text
    assert "canary" not in text
