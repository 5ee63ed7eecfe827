"""Every shape of an error is reduced to the same few fields."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.dialects.errorbody import from_bytes, from_value, is_error

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(
            ["error", "errors", "message", "detail", "details", "code", "type", "status", "param",
             "metadata", "availability", "title", "loc", "msg", "raw", "choices"]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.parametrize(
    ("body", "message", "codes", "types", "status"),
    [
        (
            {"error": {"message": "m", "type": "T", "code": "C", "param": None}},
            "m", ("c",), ("t",), None,
        ),
        ({"error": {"message": "m", "code": 429}}, "m", ("429",), (), 429),
        (
            [{"error": {"code": 400, "message": "m", "status": "INVALID_ARGUMENT",
                        "details": [{"reason": "API_KEY_INVALID"}, {"links": []}]}}],
            "m", ("api_key_invalid", "400", "invalid_argument"), (), 400,
        ),
        (
            {"message": "m", "type": "t", "param": "p", "code": "wrong"},
            "m", ("wrong",), ("t",), None,
        ),
        ({"code": 30014, "message": "m", "data": None}, "m", ("30014",), (), None),
        ({"detail": "m"}, "m", (), (), None),
        (
            {"detail": [{"loc": ["body", "seed"], "msg": "no"}, {"msg": "nor this"}]},
            "body.seed: no; nor this", (), (), None,
        ),
        ({"message": {"detail": [{"loc": ["body"], "msg": "no"}]}}, "body: no", (), (), None),
        (
            {"type": "about:blank", "title": "Gone", "status": 410, "detail": "m"},
            "m", ("gone",), ("about:blank",), 410,
        ),
        ({"status": 429, "title": "Too Many"}, "Too Many", ("too many",), (), 429),
        (
            {"success": False, "errors": [{"code": 10000, "message": "m"}], "result": None},
            "m", ("10000",), (), None,
        ),
        ({"error": "m"}, "m", (), (), None),
        ({"code": "bad", "error": "m"}, "m", ("bad",), (), None),
        ("m", "m", (), (), None),
        (
            {"error": {"message": "Provider returned error", "code": 502,
                       "metadata": {"raw": "m", "error_type": "x"}}},
            "m", ("x", "502"), (), 502,
        ),
        (
            {"error": {"message": "m", "availability": {"code": "gone"}, "status_code": 400}},
            "m", ("gone",), (), 400,
        ),
        ({"error": ["m", "n"]}, "m; n", (), (), None),
        ({}, "", (), (), None),
        (7, "7", (), (), None),
    ],
)  # fmt: skip
def test_each_shape_gives_words_codes_types_and_status(body, message, codes, types, status):
    """All shapes that providers use end in the same fields."""
    error = from_bytes(json.dumps(body).encode())
    assert (error.message, error.codes, error.types, error.status) == (
        message, codes, types, status,
    )  # fmt: skip


@pytest.mark.parametrize(
    "body", [b"404 page not found", b"<html>gone</html>", b"\xff\xfe bad", b""]
)
def test_what_is_no_json_is_words(body):
    """Plain text, pages, binary and nothing at all are messages as they stand."""
    error = from_bytes(body)
    assert error.message == body.decode("utf-8", "replace")
    assert error.codes == ()


def test_rules_are_compared_with_the_whole_body_in_lower_case():
    """A field that no shape knows can still be matched by its text."""
    assert "flagged_input" in from_bytes(b'{"error":{"metadata":{"Flagged_Input":"x"}}}').raw


def test_a_named_parameter_is_kept():
    """The field `param` is told, wherever the shape has it."""
    assert from_value({"param": "seed", "message": "m"}).parameter == "seed"
    assert from_value({"error": {"param": "seed"}}).parameter == "seed"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"error": {"message": "m"}}, True),
        ([{"error": {"message": "m"}}], True),
        ({"error": "m", "choices": []}, True),
        ({"object": "error", "message": "m"}, True),
        ({"type": "error", "error": None}, True),
        ({"detail": "m"}, True),
        ({"message": "m", "code": 1}, True),
        ({"errors": [{"code": 1}], "success": False}, True),
        ("Invalid token", True),
        ({"error": None, "choices": []}, False),
        ({"choices": [], "message": "m"}, False),
        ({"usage": {}}, False),
        ({"id": "x"}, False),
        ("", False),
        ([], False),
        (None, False),
        ({"status": 429, "title": "Too Many Requests"}, True),
        ({"status": 200, "title": "OK"}, False),
        ({"status": 429, "choices": []}, False),
    ],
)
def test_an_error_inside_a_good_answer_is_known_from_an_answer(value, expected):
    """What holds choices and no error is an answer; what only complains is none."""
    assert is_error(value) is expected


@given(JSON)
def test_no_json_breaks_the_reading(value):
    """Any JSON, however its fields are filled, is reduced without a crash."""
    error = from_bytes(json.dumps(value).encode())
    assert isinstance(error.message, str)
    assert all(code == code.lower() for code in error.codes)
    assert from_value(value).codes == error.codes
    is_error(value)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading(body):
    """Any bytes are reduced without a crash."""
    assert isinstance(from_bytes(body).message, str)
