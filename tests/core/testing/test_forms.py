"""Templates, and numbers in vendors' notation."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.testing import STYLES
from freetier.testing.forms import (
    NOTATIONS,
    compact,
    decimal_seconds,
    error_body,
    error_json,
    fill,
    go_duration,
    kind_of_status,
)
from freetier.testing.styles.form import ABSENT


def test_a_placeholder_alone_becomes_the_fact_itself() -> None:
    """Numbers stay numbers; within a text they become words."""
    template = {"code": "{status}", "text": "got {status}", "list": ["{status}", 1]}
    assert fill(template, {"status": 429}) == {"code": 429, "text": "got 429", "list": [429, 1]}


def test_a_member_whose_fact_is_absent_is_left_out() -> None:
    """`null` is something else than nothing."""
    template = {"param": "{param}", "code": "{code}", "type": ABSENT}
    assert fill(template, {"param": None}) == {"param": None}


def test_facts_are_not_templates() -> None:
    """Braces in a model's name are just braces."""
    assert fill({"m": "model `{model}`"}, {"model": "{0}{x}"}) == {"m": "model `{0}{x}`"}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (-3, "0s"),
        (0.000_001, "1µs"),
        (0.001, "1ms"),
        (0.592, "592ms"),
        (3.48, "3.48s"),
        (7.66, "7.66s"),
        (60, "1m0s"),
        (86.4, "1m26.4s"),
        (345.6, "5m45.6s"),
        (2073.6, "34m33.6s"),
        (8640, "2h24m0s"),
        (86_400, "24h0m0s"),
    ],
)
def test_durations_are_written_as_go_does(seconds: float, text: str) -> None:
    """The examples are those of recorded headers."""
    assert go_duration(seconds) == text


@given(st.integers(0, 10**12))
def test_a_go_duration_can_be_read_back(micros: int) -> None:
    """Nothing is lost down to the microsecond."""
    units = {"h": 3600 * 10**6, "m": 60 * 10**6, "s": 10**6, "ms": 1000, "µs": 1}
    total, number, unit = 0.0, "", ""
    for letter in go_duration(micros / 10**6) + "0":
        if letter.isdigit() or letter == ".":
            if unit:
                total += float(number) * units[unit]
                number, unit = "", ""
            number += letter
        else:
            unit += letter
    assert round(total) == micros


def test_other_notations() -> None:
    """Seconds with a point, and milliseconds since 1970."""
    assert decimal_seconds(33_011.382867) == "33011.382867"
    assert decimal_seconds(11.0) == "11"
    assert NOTATIONS["epoch_ms"](60.0, 1_795_219_200.0) == "1795219260000"
    assert NOTATIONS["int"](2.1, 0.0) == "3"


def test_json_is_compact_and_not_escaped() -> None:
    """As vendors send it; half a character does no harm."""
    assert compact({"a": ["ü", 1]}) == '{"a":["ü",1]}'.encode()
    assert json.loads(compact({"a": "\ud800"})) == {"a": "?"}


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_every_kind_of_error_can_be_made_in_every_style(style: object) -> None:
    """With facts or without, a body comes out, in the style's own envelope."""
    kinds = {kind for other in STYLES.values() for kind in other.errors if kind in GENERIC_KINDS}
    for kind in kinds:
        error = error_body(style, kind, {})  # type: ignore[arg-type]
        assert 400 <= error.status < 600


GENERIC_KINDS = set(STYLES["generic"].errors)


def test_an_unknown_kind_is_an_error() -> None:
    """A script that names a kind nobody has is told so."""
    with pytest.raises(KeyError):
        error_json(STYLES["groq"], "nonsense", {})


@pytest.mark.parametrize(
    ("style", "status", "kind"),
    [
        ("groq", 503, "busy"),
        ("groq", 498, "capacity"),
        ("nvidia", 410, "gone"),
        ("openai", 500, "server"),
        ("generic", 502, "gateway"),
        ("groq", 418, "other"),
        ("groq", 404, "no_model"),
    ],
)
def test_a_status_means_the_vendors_error(style: str, status: int, kind: str) -> None:
    """Where the vendor has none, the generic one, else a neutral one."""
    assert kind_of_status(STYLES[style], status) == kind
