"""Answers of the same kinds that are not among the samples.

They come from providers nobody listed, and from listed ones in other words.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from freetier.catalog import fault_table, provider
from freetier.dialects.faults import Faults
from freetier.values.accounts import Account, Candidate
from freetier.values.faults import Fault
from freetier.values.models import Model
from freetier.values.providers import Provider

FAULTS = Faults(fault_table())
OWN = Provider(name="acme", title="Acme", base_url="https://api.acme.test/v1")

HTML = b"<!DOCTYPE html><html><body><h1>%s</h1></body></html>"


def _whom(name: str) -> Candidate:
    whose = OWN if name == "acme" else provider(name)
    return Candidate(
        key="a/m",
        account=Account(id="a", provider=name),
        model=Model(id="m", canonical="m"),
        provider=whose,
    )


def _error(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, **more}}


CASES: list[tuple[str, int, Any, Fault]] = [
    # nobody in particular: words that mean the same whoever says them
    ("acme", 400, _error("This model's maximum context length is 4096 tokens"),
     Fault.CONTEXT_TOO_LONG),
    ("acme", 400, _error("prompt is too long: 210000 tokens > 200000 maximum"),
     Fault.CONTEXT_TOO_LONG),
    ("acme", 400, {"message": "Input is too long for requested model."}, Fault.CONTEXT_TOO_LONG),
    ("acme", 400, "Requested tokens (9000) exceed context window of 4096", Fault.CONTEXT_TOO_LONG),
    ("acme", 413, _error("input length exceeds the context length"), Fault.CONTEXT_TOO_LONG),
    ("acme", 422, _error("`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 9000"),
     Fault.CONTEXT_TOO_LONG),
    ("acme", 400, [_error("the request exceeds the available context size")],
     Fault.CONTEXT_TOO_LONG),
    ("acme", 413, b"Payload Too Large", Fault.TOO_LARGE),
    ("acme", 451, b"Unavailable For Legal Reasons", Fault.REGION),
    ("groq", 451, _error("not available in your country"), Fault.REGION),
    ("acme", 400, {"code": 1301, "msg": "concurrency too high, rate limit"}, Fault.RATE_LIMITED),
    ("acme", 400, _error("Rate limit exceeded: 5 requests per minute"), Fault.RATE_LIMITED),
    ("acme", 400, _error("unknown field rate_limit"), Fault.BAD_REQUEST),
    ("acme", 429, b"Too Many Requests", Fault.RATE_LIMITED),
    ("acme", 429, b"", Fault.RATE_LIMITED),
    ("acme", 429, HTML % b"429 Too Many Requests", Fault.RATE_LIMITED),
    ("acme", 429, _error("You have used your 50 requests per day"), Fault.QUOTA_GONE),
    ("acme", 429, _error("Daily limit reached"), Fault.QUOTA_GONE),
    ("acme", 429, _error("monthly quota exceeded, upgrade for 10 per minute"), Fault.QUOTA_GONE),
    ("acme", 429, _error("10 per minute allowed; pro plans have 5000 per day"),
     Fault.RATE_LIMITED),
    ("acme", 429, _error("Please try again in 5h30m"), Fault.QUOTA_GONE),
    ("acme", 429, _error("The engine is currently overloaded"), Fault.OVERLOADED),
    ("acme", 429, _error("You exceeded your current quota, please check your plan and billing",
                         code="insufficient_quota"), Fault.PAYMENT),
    ("acme", 403, {"message": "Insufficient balance"}, Fault.PAYMENT),
    ("acme", 400, _error("Your credit balance is too low to access this API"), Fault.PAYMENT),
    ("acme", 402, b"", Fault.PAYMENT),
    ("acme", 401, HTML % b"Unauthorized", Fault.UNAUTHORISED),
    ("acme", 400, _error("API key not valid. Please pass a valid API key."), Fault.UNAUTHORISED),
    ("acme", 403, _error("Invalid token"), Fault.UNAUTHORISED),
    ("acme", 403, HTML % b"Sorry, you have been blocked", Fault.FORBIDDEN),
    ("acme", 403, _error("Country is not supported", code="unsupported_country_region_territory"),
     Fault.REGION),
    ("acme", 400, _error("This API is not available in your region"), Fault.REGION),
    ("acme", 404, {"detail": "Not Found"}, Fault.MODEL_GONE),
    ("acme", 404, {"error": "model 'x' not found, try pulling it first"}, Fault.MODEL_GONE),
    ("acme", 400, _error("x is not a valid model ID"), Fault.MODEL_GONE),
    ("acme", 410, b"Gone", Fault.MODEL_GONE),
    ("acme", 400, _error("Refused by the content management policy"), Fault.CONTENT_REFUSED),
    ("acme", 403, _error("It violates our usage policies"), Fault.CONTENT_REFUSED),
    ("acme", 400, _error("temperature must be at most 2"), Fault.BAD_REQUEST),
    ("acme", 422, {"detail": [{"loc": ["body", "top_k"], "msg": "no"}]}, Fault.BAD_REQUEST),
    ("acme", 500, 7, Fault.SERVER),
    ("acme", 502, HTML % b"Bad gateway", Fault.SERVER),
    ("acme", 503, "busy", Fault.OVERLOADED),
    ("acme", 504, b"upstream request timeout", Fault.TIMED_OUT),
    ("acme", 522, HTML % b"Connection timed out", Fault.SERVER),
    ("acme", 529, _error("Overloaded", type="overloaded_error"), Fault.SERVER),
    # listed providers in other words, with other fields
    ("groq", 429, _error(
        "Rate limit reached for model `x` in organization `org_1` service tier `on_demand` on"
        " requests per day (RPD): Limit 14400, Used 14400, Requested 1. Please try again in 6s.",
        type="requests", code="rate_limit_exceeded"), Fault.QUOTA_GONE),
    ("groq", 400, _error("Failed to call a function.", code="tool_use_failed",
                         type="invalid_request_error", failed_generation="nonsense"),
     Fault.MALFORMED),
    ("groq", 401, _error("Expired API Key", code="expired_api_key"), Fault.UNAUTHORISED),
    ("gemini", 429, _error("Resource has been exhausted", status="RESOURCE_EXHAUSTED", details=[
        {"violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}]),
     Fault.QUOTA_GONE),
    ("gemini", 400, _error("User location is not supported for the API use.",
                           status="FAILED_PRECONDITION"), Fault.REGION),
    ("gemini", 503, _error("The model is overloaded. Please try again later.",
                           status="UNAVAILABLE"), Fault.OVERLOADED),
    ("openrouter", 429, _error("Rate limit exceeded: free-models-per-day. Add credits", code=429),
     Fault.QUOTA_GONE),
    ("openrouter", 429, _error("Rate limit exceeded: free-models-per-min.", code=429),
     Fault.RATE_LIMITED),
    ("openrouter", 402, _error("Insufficient credits", code=402), Fault.PAYMENT),
    ("mistral", 429, {"message": "Requests rate limit exceeded", "type": "x"},
     Fault.RATE_LIMITED),
    ("cerebras", 429, {"message": "Too many tokens processed today", "code": "token_quota"},
     Fault.RATE_LIMITED),
    ("cerebras", 500, HTML % b"Internal", Fault.SERVER),
    ("openai", 429, _error("You exceeded your current quota", code="insufficient_quota"),
     Fault.PAYMENT),
    ("ollama", 404, {"error": 'model "y" not found'}, Fault.MODEL_GONE),
    ("xai", 400, {"code": "Client specified an invalid argument", "error": "maximum prompt length"
                  " is 131072 but the request contains 200000 tokens"}, Fault.CONTEXT_TOO_LONG),
]  # fmt: skip


@pytest.mark.parametrize(("name", "status", "body", "fault"), CASES)
def test_an_answer_nobody_recorded_is_what_it_says(
    name: str, status: int, body: Any, fault: Fault
) -> None:
    """By words, codes and status; arrays, strings, HTML and nothing at all included."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    found = FAULTS.of_answer(_whom(name), status, [], raw)
    assert found.fault is fault, found


def test_the_first_window_of_a_message_is_the_one_that_was_hit() -> None:
    """A provider nobody listed: with the window's length, so that it is left alone for long."""
    found = FAULTS.of_answer(_whom("acme"), 429, [], b'{"error":"100 per hour, 500 per day"}')
    assert (found.fault, found.span) == (Fault.QUOTA_GONE, 3600.0)
    found = FAULTS.of_answer(_whom("acme"), 429, [("retry-after", "3")], b"per day")
    assert (found.fault, found.span, found.retry_in) == (Fault.QUOTA_GONE, 86_400.0, 3.0)
