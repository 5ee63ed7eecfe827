"""Who takes part, under which id."""

from __future__ import annotations

from typing import Any

import pytest

from freetier.config import load_mapping
from tests.core.config.conftest import Load, Refusal
from tests.core.config.fakes import FakeCatalog

GROQ = {"provider": "groq", "api_key": "k"}


def test_accounts_keep_their_order_and_their_ids(load: Load):
    """The order breaks ties; the id is shown everywhere."""
    accounts = [{"provider": "xai", "id": "z", "api_key": "k"}, GROQ | {"id": "a"}]
    assert [account.id for account in load({"accounts": accounts}).accounts] == ["z", "a"]


def test_an_account_without_an_id_is_called_after_its_provider(load: Load):
    """Numbered where the name is taken, also by a later account's own id."""
    accounts = [GROQ, GROQ, {"provider": "grok", "api_key": "k"}, GROQ | {"id": "groq-2"}]
    ids = [account.id for account in load({"accounts": accounts}).accounts]
    assert ids == ["groq", "groq-3", "xai", "groq-2"]


def test_a_provider_goes_by_any_of_its_names(load: Load):
    """`grok` is xAI, `cerebro` is Cerebras."""
    accounts = [{"provider": name, "api_key": "k"} for name in ("grok", "Cerebro")]
    assert [a.provider for a in load({"accounts": accounts}).accounts] == ["xai", "cerebras"]


def test_what_is_switched_off_is_not_looked_at(load: Load):
    """Neither its variables nor its provider's file."""
    catalog = FakeCatalog()
    off = {"provider": "gemini", "enabled": False, "auth": {"api_key": "${GONE}"}}
    setup = load_mapping({"accounts": [off, GROQ]}, {}, catalog=catalog)
    assert [account.id for account in setup.accounts] == ["groq"]
    assert catalog.read == ["groq"]


def test_a_switch_may_be_a_variable(load: Load):
    """`enabled: ${USE_GROQ:-true}`."""
    accounts = [GROQ | {"enabled": "${USE_GROQ:-true}"}, {"provider": "kilo"}]
    assert len(load({"accounts": accounts}).accounts) == 2
    assert len(load({"accounts": accounts}, USE_GROQ="no").accounts) == 1


def test_a_provider_that_is_gone_is_left_out_with_a_warning(load: Load):
    """It says since when, and what to use instead; no key is sent there."""
    setup = load({"accounts": [{"provider": "github-models", "api_key": "k"}, GROQ]})
    assert [account.id for account in setup.accounts] == ["groq"]
    assert (
        "account 'github-models' takes no part: GitHub Models is gone since 2026-07-01; "
        "use groq instead"
    ) in setup.warnings


@pytest.mark.parametrize(
    ("accounts", "told"),
    [
        ([], "accounts: no account is written down"),
        (None, "accounts: no account is written down"),
        ([GROQ | {"enabled": False}], "accounts: no account takes part: every account is switched"),
        ([{"provider": "github-models", "api_key": "k"}], "GitHub Models is gone since 2026-07-01"),
        ([GROQ | {"id": "a"}] * 2, "accounts[1].id: two accounts have the id 'a'"),
        ([GROQ | {"id": "a/b"}], "accounts[0].id: an id holds no '/'"),
        ([GROQ | {"id": "a\nb"}], "accounts[0].id: an id holds no '/'"),
        ([GROQ | {"id": " a"}], "accounts[0].id: an id holds no '/'"),
        ([{"provider": "gorq"}], "accounts[0].provider: unknown provider 'gorq'; did you mean"),
        ([{"provider": "zzz"}], "unknown provider 'zzz'; any OpenAI-compatible URL"),
        ([GROQ | {"type": "groq"}], "accounts[0].type: says the same as `provider`"),
    ],
)
def test_who_cannot_take_part_is_told(refusal: Refusal, accounts: Any, told: str):
    """With the place, and the nearest right name."""
    assert told in refusal({"accounts": accounts})


def test_an_empty_list_of_the_older_shape_is_no_account(refusal: Refusal):
    """As in ours."""
    assert "no account is written down" in refusal({"providers": []})


def test_both_shapes_may_stand_in_one_file(load: Load):
    """Accounts of ours come first."""
    setup = load({"accounts": [GROQ], "providers": [{"type": "cerebras", "apiKey": "k"}]})
    assert [account.id for account in setup.accounts] == ["groq", "cerebras"]
