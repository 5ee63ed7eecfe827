"""Answers that are no answers, classified by rules that are data."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.catalog import fault_table
from freetier.dialects.faults import Faults
from freetier.values.faults import Fault, FaultScope
from freetier.values.providers import ErrorRule, HeaderRule, WindowSign
from freetier.values.quota import Metric
from tests.core.dialects.build import KEY, TABLE, candidate

FAULTS = Faults(TABLE)
DAY = 86_400.0


def rule(fault: Fault, status: int, scope: FaultScope = FaultScope.CANDIDATE, **more):
    """Return a rule."""
    return ErrorRule(fault=fault, scope=scope, status=status, **more)


def refused(status: int, body: object, *rules: ErrorRule, headers=(), **provider):
    """Classify an answer of a provider with these rules."""
    whom = candidate(provider={"errors": rules, **provider}, rescue_field="failed_generation")
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return FAULTS.of_answer(whom, status, headers, raw)


def error(message: str = "no", **fields: object) -> dict[str, object]:
    """Return a body in the common shape."""
    return {"error": {"message": message, **fields}}


class TestOrder:
    def test_the_first_rule_that_fits_wins(self):
        """Rules are tried in the order they stand."""
        rules = (
            rule(Fault.PAYMENT, 429, match_any=("money",)),
            rule(Fault.OVERLOADED, 429),
            rule(Fault.RATE_LIMITED, 429),
        )
        assert refused(429, error("no MONEY left"), *rules).fault is Fault.PAYMENT
        assert refused(429, error("no"), *rules).fault is Fault.OVERLOADED

    def test_a_providers_rule_wins_over_overflow_and_defaults(self):
        """What a provider means is known better by its own rules."""
        own = rule(Fault.OVERLOADED, 400, match_any=("maximum context length",))
        text = "maximum context length is 8192 tokens"
        assert refused(400, error(text), own).fault is Fault.OVERLOADED
        assert refused(400, error(text)).fault is Fault.CONTEXT_TOO_LONG

    def test_a_text_of_overflow_wins_over_a_vague_rule(self):
        """A rule that only says "bad request" does not hide an overflow of unseen wording."""
        vague = rule(Fault.BAD_REQUEST, 400, FaultScope.REQUEST, codes=("invalid",))
        found = refused(400, error("maximum context length is 8192 tokens", code="invalid"), vague)
        assert (found.fault, found.amount) == (Fault.CONTEXT_TOO_LONG, 8192)
        assert refused(400, error("bad", code="invalid"), vague).fault is Fault.BAD_REQUEST

    def test_overflow_is_sought_in_codes_as_well(self):
        """An error whose words say nothing may have a code that does."""
        assert (
            refused(400, error("no", code="context_length_exceeded")).fault
            is Fault.CONTEXT_TOO_LONG
        )

    def test_words_about_rates_are_no_overflow(self):
        """A rate limit that speaks of context length stays what its status says."""
        text = "maximum context length is 10 tokens per minute"
        assert refused(422, error(text)).fault is Fault.BAD_REQUEST

    def test_overflow_needs_a_status_of_the_request(self):
        """A server's failure stays one, whatever it says."""
        assert refused(500, error("maximum context length is 9 tokens")).fault is Fault.SERVER

    @pytest.mark.parametrize(
        ("status", "fault"),
        [
            (418, Fault.BAD_REQUEST),
            (599, Fault.SERVER),
            (302, Fault.MALFORMED),
            (204, Fault.MALFORMED),
            (202, Fault.MALFORMED),
        ],
    )
    def test_a_status_that_no_table_knows_is_judged_by_its_class(self, status, fault):
        """There is no answer without a fault."""
        assert refused(status, b"").fault is fault


class TestConditions:
    def test_codes_and_types_are_compared_without_case_and_as_texts(self):
        """A number as a code is the same as its digits."""
        rules = (rule(Fault.PAYMENT, 400, codes=("5035",)), rule(Fault.REGION, 400, types=("Geo",)))
        assert (
            refused(400, {"errors": [{"code": 5035, "message": "m"}]}, *rules).fault
            is Fault.PAYMENT
        )
        assert refused(400, error(type="GEO"), *rules).fault is Fault.REGION

    def test_a_rule_by_code_alone_needs_the_code(self):
        """A body without a code does not fit a rule that only has one."""
        own = rule(Fault.PAYMENT, 429, codes=("broke",))
        assert refused(429, error(), own).fault is Fault.RATE_LIMITED
        assert refused(429, error(code=None), own).fault is Fault.RATE_LIMITED

    def test_where_the_body_has_no_code_a_text_that_fits_is_enough(self):
        """The same refusal often comes with and without its code."""
        own = rule(Fault.PAYMENT, 429, codes=("broke",), match_any=("credit",))
        assert refused(429, error("no credit"), own).fault is Fault.PAYMENT
        assert refused(429, error("no credit", code=429), own).fault is Fault.PAYMENT
        assert refused(429, error("no credit", code="other"), own).fault is Fault.RATE_LIMITED

    def test_a_range_of_statuses_fits_to_its_end(self):
        """Edge errors come with many statuses."""
        own = rule(Fault.OVERLOADED, 520, status_max=527)
        assert refused(527, b"<html>", own).fault is Fault.OVERLOADED
        assert refused(528, b"<html>", own).fault is Fault.SERVER


class TestWindows:
    MINUTE = WindowSign(text="(TPM)", span=60.0, metric=Metric.TOTAL)
    DAILY = WindowSign(text="PerDay", span=DAY, calendar=True)

    def test_a_sign_names_window_metric_and_limit(self):
        """The words of a refusal tell which window it was."""
        found = refused(429, error("tokens per minute (TPM): Limit 8000"), signs=(self.MINUTE,))
        assert (found.fault, found.span, found.metric, found.amount) == (
            Fault.RATE_LIMITED, 60.0, "total_tokens", 8000,
        )  # fmt: skip

    def test_a_window_of_an_hour_or_more_is_a_quota(self):
        """One rule for all windows is enough: the sign tells a rate from a quota."""
        sign = WindowSign(text="(RPD)", span=DAY, metric=Metric.REQUESTS)
        found = refused(429, error("requests (RPD). Please try again in 1m26.4s."), signs=(sign,))
        assert (found.fault, found.retry_in) == (Fault.QUOTA_GONE, 86.4)

    def test_a_calendars_window_has_no_told_moment(self):
        """Gemini's day quota comes with a delay of a minute that means nothing."""
        details = [{"violations": [{"quotaId": "RequestsPerDay"}]}, {"retryDelay": "59s"}]
        found = refused(429, error("retry in 59s", details=details), signs=(self.DAILY,))
        assert (found.fault, found.retry_in, found.retry_is_calendar) == (
            Fault.QUOTA_GONE, None, True,
        )  # fmt: skip

    def test_without_a_sign_the_empty_window_of_the_headers_is_named(self):
        """Who says nothing in words may say it in headers."""
        rules = (
            HeaderRule(name="x-left", role="remaining", metric=Metric.REQUESTS, span=DAY),
            HeaderRule(
                name="x-reset", role="reset", format="seconds", metric=Metric.REQUESTS, span=DAY
            ),
        )
        found = FAULTS.of_answer(
            candidate(provider={"headers": rules}), 429, [("x-left", "0"), ("x-reset", "7")], b"{}"
        )
        assert (found.fault, found.span, found.metric, found.retry_in) == (
            Fault.QUOTA_GONE, DAY, "requests", 7.0,
        )  # fmt: skip

    def test_a_limit_of_zero_means_never(self):
        """The same body as "slow down", but the headers say that there is no quota at all."""
        rules = (HeaderRule(name="x-limit", role="limit", metric=Metric.REQUESTS, span=60.0),)
        whom = candidate(provider={"headers": rules})
        found = FAULTS.of_answer(whom, 429, [("x-limit", "0"), ("retry-after", "5")], b"{}")
        assert (found.fault, found.scope, found.retry_in) == (
            Fault.NOT_FREE, FaultScope.CANDIDATE, None,
        )  # fmt: skip

    def test_headers_that_stand_in_the_body_count(self):
        """A router of providers repeats its headers in the body's metadata."""
        rules = (HeaderRule(name="X-Reset", role="reset", format="epoch_milliseconds"),)
        metadata = {"headers": {"X-Reset": "1795219230000"}}
        found = FAULTS.of_answer(
            candidate(provider={"headers": rules}),
            429,
            [("date", "Sat, 21 Nov 2026 00:00:00 GMT")],
            json.dumps(error("slow", code=429, metadata=metadata)).encode(),
        )
        assert found.retry_in == 30.0

    def test_a_wait_is_told_only_where_waiting_helps(self):
        """Who is unknown, or asked for too much, is not told to come back."""
        headers = [("retry-after", "5")]
        assert refused(429, error(), headers=headers).retry_in == 5.0
        assert refused(503, error(), headers=headers).retry_in == 5.0
        assert refused(401, error(), headers=headers).retry_in is None
        assert refused(413, error("try again in 5s"), headers=headers).retry_in is None


class TestInside:
    def whom(self, *rules: ErrorRule):
        """Return a candidate whose provider has these rules."""
        return candidate(provider={"errors": rules}, rescue_field="failed_generation")

    def test_the_status_told_in_the_body_counts(self):
        """An error in a good answer is judged as if its status had come by HTTP."""
        found = FAULTS.within_answer(self.whom(), error("slow", code=429))
        assert (found.fault, found.status) == (Fault.RATE_LIMITED, 429)

    def test_words_are_enough_where_no_status_is_told(self):
        """The rule of the words fits whatever its status is."""
        busy = rule(Fault.OVERLOADED, 503, match_any=("temporarily overloaded",))
        found = FAULTS.within_answer(self.whom(busy), error("Service temporarily overloaded"))
        assert (found.fault, found.status) == (Fault.OVERLOADED, 200)

    def test_a_rule_for_status_200_is_for_errors_inside(self):
        """NVIDIA's first event may be an error after a good status."""
        busy = rule(Fault.OVERLOADED, 200, match_any=("overloaded",))
        found = FAULTS.within_answer(self.whom(busy), error("overloaded", code=500))
        assert found.fault is Fault.OVERLOADED

    @pytest.mark.parametrize(
        ("value", "fault"),
        [
            ({"error": "Model is overloaded"}, Fault.OVERLOADED),
            ({"error": {"message": "Rate limit reached for requests"}}, Fault.RATE_LIMITED),
            ({"error": {"message": "Daily quota is used up"}}, Fault.QUOTA_GONE),
            ({"detail": "Invalid API key"}, Fault.UNAUTHORISED),
            ([{"error": "upstream timed out"}], Fault.TIMED_OUT),
            ({"error": "maximum context length is 9 tokens"}, Fault.CONTEXT_TOO_LONG),
            ({"error": {"type": "timeout", "message": "quota"}}, Fault.TIMED_OUT),
            ({"error": "Internal server error"}, Fault.SERVER),
            ({"error": {"message": "Authentication failed"}}, Fault.UNAUTHORISED),
            (
                {"error": {"type": "invalid_request_error", "code": "wrong_api_key"}},
                Fault.UNAUTHORISED,
            ),
            ({"message": "Sorry, your account balance is insufficient"}, Fault.PAYMENT),
            ({"error": {"message": "Payment required"}}, Fault.PAYMENT),
        ],
    )
    def test_a_message_is_read_where_type_and_code_say_nothing(self, value, fault):
        """An error in a good answer is told by its words, as one with a status is."""
        shipped = Faults(fault_table())
        assert shipped.within_answer(self.whom(), value).fault is fault

    def test_what_says_nothing_known_is_malformed(self):
        """A complaint without a status or a known word counts against the candidate only."""
        found = FAULTS.within_answer(self.whom(rule(Fault.PAYMENT, 402)), "what?")
        assert (found.fault, found.scope, found.detail) == (
            Fault.MALFORMED, FaultScope.CANDIDATE, "what?",
        )  # fmt: skip


def test_a_good_tool_call_is_saved_from_the_refusal():
    """The text of `failed_generation` is returned as calls if it is whole."""
    text = '<function=f>{"a":1}</function>'
    found = refused(400, error(code="tool_use_failed", failed_generation=text))
    assert found.rescued == '[{"name":"f","arguments":"{\\"a\\":1}"}]'
    assert refused(400, error(failed_generation="<function=f>{")).rescued is None
    assert refused(400, error(failed_generation=7)).rescued is None


def test_an_unsupported_parameter_is_named_for_bad_requests_only():
    """The router may try once without it."""
    body = error("property 'seed' is unsupported")
    assert refused(400, body).parameter == "seed"
    assert refused(500, body).parameter is None


def test_the_detail_is_the_providers_words_without_the_key():
    """A key that was echoed does not show; without words the rule's reason does."""
    assert refused(401, error(f"bad key {KEY}")).detail == "bad key ***"
    own = rule(Fault.PAYMENT, 402, reason="money is needed")
    assert refused(402, b"", own).detail == "money is needed"
    assert refused(429, b"").detail == "status 429, no words"


def test_headers_of_the_account_do_not_show():
    """A token that a user sends in a header of his own is as secret as the key."""
    whom = candidate(account={"headers": (("x-team", "blue-falcon"),)})
    found = FAULTS.of_answer(whom, 400, [], b'{"error":"no blue-falcon here"}')
    assert found.detail == "no *** here"


@given(
    st.integers(100, 599),
    st.binary(max_size=120),
    st.lists(st.tuples(st.sampled_from(["retry-after", "x-left", "date"]), st.text(max_size=20))),
)
def test_no_answer_breaks_the_classification(status, body, headers):
    """Any status, headers and bytes give one fault and one printable line."""
    rules = (HeaderRule(name="x-left", role="remaining", metric=Metric.REQUESTS, span=60.0),)
    found = FAULTS.of_answer(candidate(provider={"headers": rules}), status, headers, body)
    assert found.fault in Fault
    assert found.detail.isprintable()
    assert len(found.detail) <= 300
