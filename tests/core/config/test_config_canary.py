"""No key gets into an error, a warning or a repr, whatever else is wrong."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import pytest

from freetier.config import load_env, load_file, load_mapping
from freetier.errors import ConfigError
from tests.core.config.fakes import FakeCatalog

CANARY = "sk-canary-0123456789abcdef0123456789"
GOOD: dict[str, Any] = {"provider": "groq", "id": "a", "api_key": CANARY}
BROKEN: list[dict[str, Any]] = [
    {"accounts": [GOOD, GOOD]},
    {"accounts": [GOOD | {"limitz": 1}]},
    {"accounts": [GOOD | {"priority": CANARY}]},
    {"accounts": [GOOD | {"provider": CANARY}]},
    {"accounts": [{"type": CANARY, "api_key": CANARY}]},
    {"accounts": [GOOD | {"auth": {"api_key": CANARY}}]},
    {"accounts": [GOOD | {"auth": CANARY}]},
    {"accounts": [GOOD | {"auth": {CANARY: ""}}]},
    {"accounts": [GOOD | {"api_key": [CANARY]}]},
    {"accounts": [GOOD | {"api_key": f"{CANARY} {CANARY}"}]},
    {"accounts": [GOOD | {"api_key": f"${{{CANARY}"}]},
    {"accounts": [GOOD | {"quota_unit": CANARY}]},
    {"accounts": [GOOD | {"base_url": f"https://{CANARY}@h.test/v1"}]},
    {"accounts": [GOOD | {"base_url": f"https://h.test/v1?key={CANARY}"}]},
    {"accounts": [GOOD | {"headers": {"authorization": f"{CANARY}\n"}}]},
    {"accounts": [GOOD | {"proxy": f"me:{CANARY}@h.test"}]},
    {"accounts": [GOOD | {"limits": [{"metric": CANARY, "amount": 1}]}]},
    {"accounts": [GOOD | {"limits": {CANARY: 1}}]},
    {"accounts": [GOOD | {"limits": [{"metric": "requests", "amount": 1, "per": CANARY}]}]},
    {"accounts": CANARY},
    {"accounts": [CANARY]},
    {"accounts": [GOOD], "default_model": CANARY},
    {"accounts": [GOOD], "aliases": {"x": CANARY}},
    {"accounts": [GOOD], "aliases": {"x": [{"provider": CANARY, "model": "m"}]}},
    {"accounts": [GOOD], "aliases": {"x": [{"account": CANARY, "model": "m"}]}},
    {"accounts": [GOOD], "strategy": CANARY},
    {"accounts": [GOOD], "store": f"redis:{CANARY}@h"},
    {"accounts": [GOOD], "deadline": CANARY},
    {CANARY: 1},
]


@pytest.mark.parametrize("fields", BROKEN)
def test_an_error_holds_no_key(fields: dict[str, Any]):
    """Neither its text nor what hangs on it: cause, context, attributes."""
    with pytest.raises(ConfigError) as caught:
        load_mapping(fields, {}, catalog=FakeCatalog())
    error = caught.value
    assert CANARY not in "".join(traceback.format_exception(error))
    assert CANARY not in repr((error, error.args, error.where, error.path))
    assert error.__context__ is None


@pytest.mark.parametrize("name", ["f.yaml", "f.json"])
@pytest.mark.parametrize(
    "text",
    [
        f'{{"accounts": [{{"provider": "groq", "api_key": "{CANARY}"',
        f'{{"api_key": "{CANARY}", "api_key": "{CANARY}"}}',
        f'{{"{CANARY}": 1, "{CANARY}": 2}}',
        f'["{CANARY}"]',
        f'"{CANARY}',
        f"*{CANARY}",
        f"!{CANARY} x",
        f"a: &{CANARY} b: c",
    ],
)
def test_a_malformed_file_shows_no_key(tmp_path: Path, name: str, text: str):
    """The parsers' own errors would quote it."""
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_file(path, {}, catalog=FakeCatalog())
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None


def test_a_setup_shows_no_key():
    """Keys, headers and proxy are all there and none shows."""
    fields = {
        "accounts": [
            GOOD | {"headers": {"x-key": CANARY}, "proxy": f"http://me:{CANARY}@h.test"},
            GOOD | {"id": "b"},
            GOOD | {"id": "c", "api_key": "${C}", "max_daily_spend": 0},
            {"provider": "mine", "base_url": "http://h.test/v1", "free": True, "api_key": CANARY},
        ],
    }
    setup = load_mapping(fields, {"C": f"{CANARY}c"}, catalog=FakeCatalog())
    assert setup.accounts[0].secret.reveal() == CANARY
    assert CANARY not in repr(setup)
    assert CANARY not in str(setup.warnings)
    assert len(setup.warnings) > 3


def test_the_environment_shows_no_key():
    """Neither a good one nor one that cannot be used."""
    environ = {"GROQ_API_KEY": CANARY, "KILO_API_KEY": f"{CANARY} {CANARY}", "OLLAMA_HOST": "a b"}
    setup = load_env(environ, catalog=FakeCatalog())
    assert CANARY not in repr(setup)
    assert len(setup.warnings) == 2


PLAIN = "Correct Horse 7 Battery"  # looks like nothing that is recognised as a key
SLIPS: list[dict[str, Any]] = [
    {"accounts": [{"provider": "x${THE_KEY}"}]},
    {"accounts": [{"provider": "${THE_KEY}"}]},
    {"accounts": [{"provider": "groq", "id": "a", "priority": "${THE_KEY}"}]},
    {"accounts": [{"provider": "groq", "quota_unit": "so ${THE_KEY}"}]},
    {"accounts": [{"provider": "groq"}], "default_model": "my ${THE_KEY}"},
    {"accounts": [{"provider": "groq"}], "strategy": "${THE_KEY} first"},
    {"accounts": [{"provider": "groq"}], "deadline": "${THE_KEY}s"},
]


@pytest.mark.parametrize("key", [PLAIN, PLAIN + "\\'\""])
@pytest.mark.parametrize("fields", SLIPS)
def test_a_variable_in_the_wrong_place_is_named_and_not_read_out(
    fields: dict[str, Any], key: str
) -> None:
    """Whatever the key looks like; `${THE_KEY}` itself tells where the slip is."""
    with pytest.raises(ConfigError) as caught:
        load_mapping(fields, {"THE_KEY": key, "GROQ_API_KEY": "gsk"}, catalog=FakeCatalog())
    error = caught.value
    assert "Battery" not in "".join(traceback.format_exception(error))
    assert "Battery" not in repr((error, vars(error)))


def test_without_hiding_the_slips_would_be_read_out() -> None:
    """The control: what was written in plain sight, and looks like no key, is quoted."""
    with pytest.raises(ConfigError, match="Battery"):
        load_mapping({"accounts": [{"provider": PLAIN}]}, {}, catalog=FakeCatalog())
