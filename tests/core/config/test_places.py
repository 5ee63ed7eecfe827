"""Places, nearest names, and names that may be keys."""

from __future__ import annotations

import pytest

from freetier.config.places import Place, listed, nearest, quoted, snake


def test_a_path_is_spelt_as_the_user_spelt_it():
    """Keys are looked up in snake_case and shown as they were written."""
    place = Place("f.json", tree={"providers": [{"apiKey": "x"}]})
    assert place.at("providers", 0, "api_key").path == "providers[0].apiKey"


def test_a_path_goes_on_where_nothing_was_written():
    """A missing key is named in snake_case."""
    assert Place("f", tree={}).at("accounts", 3, "auth", "api_key").path == (
        "accounts[3].auth.api_key"
    )


def test_an_error_names_file_and_path():
    """Both stand in the text and as attributes."""
    error = Place("f.yaml").at("queue").error("is wrong")
    assert (str(error), error.where, error.path) == ("f.yaml: queue: is wrong", "f.yaml", "queue")


@pytest.mark.parametrize(
    ("key", "expected"),
    [("apiKey", "api_key"), ("api_key", "api_key"), ("timeoutMs", "timeout_ms"), ("X", "X")],
)
def test_camel_case_becomes_snake_case(key: str, expected: str):
    """Only a capital after a small letter or digit begins a new word."""
    assert snake(key) == expected


@pytest.mark.parametrize(
    "key",
    ["sk-proj-1234", "gsk_" + "a1B2" * 10, "f" * 30 + "1", "AIzaSyB-1_2"],
)
def test_what_may_be_a_key_is_not_quoted(key: str):
    """A key in the wrong place does not get into an error."""
    assert quoted(key) == "'***'"


def test_long_names_are_cut():
    """An error stays a line."""
    assert len(quoted("ab-" * 200)) < 70


def test_model_names_are_quoted_whole():
    """What looks like a model is shown."""
    assert quoted("llama-3.3-70b-versatile") == "'llama-3.3-70b-versatile'"


def test_the_nearest_name_is_offered_in_its_own_case():
    """Case does not matter for nearness."""
    assert nearest("gemni", ["Groq", "Gemini"]) == "; did you mean 'Gemini'?"


def test_nothing_is_offered_when_nothing_is_near():
    """A far name gives no hint."""
    assert nearest("zzz", ["groq"]) == ""


def test_long_lists_are_cut():
    """More than the bound is counted."""
    assert listed(["b", "a", "c"], most=2) == "a, b and 1 more"
