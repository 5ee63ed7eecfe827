"""What the words of an error tell of time, amount and parameter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.dialects.errorbody import from_value
from freetier.dialects.limits import Told
from freetier.dialects.told import context_size, told_amount, told_wait, unsupported_parameter
from freetier.values.quota import Metric, Observation

SILENT = Told()


def of_words(message: str):
    """Return an error with these words."""
    return from_value({"error": {"message": message}})


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Please try again in 9m38.016s.", 578.016),
        ("Please try again in 9.265714285s.", 9.265714285),
        ("Please try again in 600ms.", 0.6),
        ("Please retry in 38.8s", 38.8),
        ("Please retry in 38.8s.", 38.8),
        ("Please wait for 2 minutes, 5 seconds before you go on.", 125.0),
        ("try again in 2s. Visit the console.", 2.0),
        ("retry after 20 seconds", 20.0),
        ("available again in about 1 hour", 3600.0),
        ("Please try again later", None),
        ("try again in a moment", None),
        ("try again in 5", None),
    ],
)
def test_a_wait_is_read_from_words(message, expected):
    """The spellings of Groq, OpenAI and Google, and common English."""
    assert told_wait(SILENT, of_words(message), is_quota=True) == expected


@pytest.mark.parametrize(
    "error",
    [
        {"details": [{"links": []}, {"retryDelay": "38.8s"}]},
        {"retry_after": 38.8},
        {"availability": {"retry_after": "38.8"}},
        {"metadata": {"retry_after": 38.8}},
    ],
)
def test_a_wait_is_read_from_fields(error):
    """Google's RetryInfo and the fields of routers of providers."""
    assert told_wait(SILENT, from_value({"error": error}), is_quota=True) == 38.8


def test_headers_speak_before_words_and_words_before_resets():
    """The order: retry-after, the body, the reset of the empty window."""
    empty = Observation(metric=Metric.REQUESTS, span=60.0, remaining=0, reset_in=40.0)
    words, silence = of_words("try again in 7s"), of_words("no")
    both = Told(retry_in=3.0, observations=(empty,))
    assert told_wait(both, words, is_quota=True) == 3.0
    assert told_wait(Told(observations=(empty,)), words, is_quota=True) == 7.0
    assert told_wait(Told(observations=(empty,)), silence, is_quota=True) == 40.0
    assert told_wait(Told(reset_in=9.0), silence, is_quota=True) == 9.0


def test_a_windows_reset_says_nothing_of_a_busy_model():
    """Where no window is why, its reset is not waited for."""
    empty = Observation(metric=Metric.REQUESTS, span=60.0, remaining=0, reset_in=40.0)
    told = Told(observations=(empty,), reset_in=9.0)
    assert told_wait(told, of_words("busy"), is_quota=False) is None


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("on tokens per minute (TPM): Limit 8000, Requested 8406", 8000),
        ("requests, limit: 20, model: x", 20),
        ("which is limited to 1000 API calls / month", 1000),
        ("Limit 1,000,000, Used 3", 1_000_000),
        ("Rate limit exceeded", None),
        ("reached: 4000 total_tokens per minute, 3990 used", 4000),
        ("You have sent more than 1,000 requests per day", 1000),
        ("3 requests were refused, 60 seconds per request", None),
    ],
)
def test_a_told_limit_is_read(message, expected):
    """The number of the limit itself, not what was used or asked."""
    assert told_amount(of_words(message), None) == expected


def test_of_several_violations_the_named_window_counts():
    """Google lists all windows; the sign says which one is meant."""
    violations = [
        {"quotaId": "RequestsPerMinute", "quotaValue": "5"},
        {"quotaId": "RequestsPerDay", "quotaValue": "20"},
    ]
    error = from_value({"error": {"details": [{"violations": violations}]}})
    assert told_amount(error, "PerDay") == 20
    assert told_amount(error, None) is None


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            {"message": "This model's maximum context length is 128,000 tokens. You sent 130000"},
            128_000,
        ),
        ({"message": "exceeds the available context size (8192 tokens)", "n_ctx": 8192}, 8192),
        ({"message": "the maximum number of tokens allowed (1048576)."}, 1_048_576),
        ({"message": "too large for model with 131072 maximum context length"}, 131_072),
        ({"message": "longer than the model's context length (131072 tokens)"}, 131_072),
        ({"message": "exceeded this model context window limit (24000)."}, 24_000),
        ({"message": "too long", "n_ctx": 4096}, 4096),
        ({"message": "Please reduce the length of the messages"}, None),
    ],
)
def test_the_size_of_the_context_is_read(error, expected):
    """The router learns the true size from the refusal."""
    assert context_size(from_value({"error": error})) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"message": "Property reasoning_effort is not supported by this model.",
          "param": "reasoning_effort"}, "reasoning_effort"),
        ({"message": "Property reasoning_effort is not supported by this model."},
         "reasoning_effort"),
        ({"error": {"message": "Unsupported parameter: 'max_tokens' is not supported with this "
                    "model. Use 'max_completion_tokens' instead.", "param": "max_tokens"}},
         "max_tokens"),
        ({"error": {"message": "Unsupported value: 'temperature' does not support 0.2 with this "
                    "model.", "param": "temperature"}}, "temperature"),
        ({"error": {"message": "Unrecognized request argument supplied: top_k"}}, "top_k"),
        ({"error": {"message": "property 'logprobs' is unsupported"}}, "logprobs"),
        ({"error": {"message": 'Invalid JSON payload. Unknown name "seed": Cannot find field.'}},
         "seed"),
        ({"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra"}]},
         "seed"),
        ({"message": {"detail": [{"type": "extra_forbidden", "loc": ["body", "user"]}]}}, "user"),
        ({"message": "[{'type': 'extra_forbidden', 'loc': ('body', 'store'), 'msg': 'Extra'}]"},
         "store"),
        ({"error": {"message": "seed: Extra inputs are not permitted"}}, "seed"),
        ({"error": "1 validation error for Body\nseed\n  Extra inputs are not permitted"}, "seed"),
        ({"message": "Argument not supported on this model: seed"}, "seed"),
        ({"message": "This model does not support the parameter seed."}, "seed"),
        ({"message": "This model doesn't support the 'top_k' parameter"}, "top_k"),
        ({"message": "Parameter 'seed' not supported"}, "seed"),
        ({"message": "messages.0.name: Extra inputs are not permitted"}, None),
        ({"message": "This model does not support image input"}, None),
        ({"detail": [{"type": "extra_forbidden", "loc": ["body", "messages", 0, "name"]}]}, None),
        ({"error": {"message": "Value of top_p is too large.", "param": "top_p"}}, None),
        ({"error": {"message": "'messages.0.content' : value must be a string"}}, None),
        ({"error": {"message": "Image input is not supported by this model"}}, None),
        ({"error": {"message": "The model is overloaded"}}, None),
    ],
)  # fmt: skip
def test_a_parameter_that_is_not_taken_is_named(body, expected):
    """Unsupported ones are told apart from bad values and from parts of messages."""
    assert unsupported_parameter(from_value(body)) == expected


@given(st.text(max_size=200))
def test_no_words_break_a_reader(message):
    """Whatever the words, each reader gives a value or nothing."""
    error = of_words(message)
    told_amount(error, "x")
    context_size(error)
    unsupported_parameter(error)
    wait = told_wait(SILENT, error, is_quota=True)
    assert wait is None or wait >= 0.0


@pytest.mark.parametrize(
    "message",
    [
        "retry in " * 20_000,
        "not support the a " * 9_000,
        "a: " * 40_000,
        "9" * 200_000,
        "unknown parameter " * 20_000,
        "limit: " * 20_000,
    ],
)
def test_long_words_are_read_in_no_time(message):
    """Expressions are linear and bounded: a hostile message is no trap."""
    error = of_words(message)
    told_wait(SILENT, error, is_quota=True)
    told_amount(error, None)
    context_size(error)
    unsupported_parameter(error)
