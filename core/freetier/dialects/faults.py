"""An error answer into a `Refused`: ordered rules, then what they told about when and what.

RULE: which answer means what is data: the provider's rules, its window signs, and the
general table. What stands here is the order of looking.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus

from freetier.dialects import errorbody, limits
from freetier.dialects.errorbody import ErrorBody
from freetier.dialects.jsontext import as_dict, as_text
from freetier.dialects.rescue import rescued
from freetier.dialects.told import context_size, told_amount, told_wait, unsupported_parameter
from freetier.dialects.words import one_line
from freetier.values.accounts import Candidate
from freetier.values.faults import QUOTA_FAULTS, Fault, FaultScope, Refused
from freetier.values.faulttable import FaultTable
from freetier.values.hidden import secrets_of
from freetier.values.providers import ErrorRule, WindowSign
from freetier.values.wire import Header

OK = 200
"""The status of an answer that may hold an error all the same."""

OVERFLOW_STATUSES = frozenset({400, 413, 422})
LONG_SPAN = 3600.0
"""Seconds; a window of this length or more is a quota that is gone, not a rate (decisions 8)."""

WAITED_FOR = frozenset(
    {Fault.RATE_LIMITED, Fault.QUOTA_GONE, Fault.OVERLOADED, Fault.SERVER, Fault.TIMED_OUT}
)
"""Faults for which a told moment means something."""

_COMPARED_MAX = 4_096  # characters; overflow texts stand at the beginning of a message


class Faults:
    """Classifies errors by one general table and the rules of each provider."""

    __slots__ = ("_defaults", "_exclude", "_overflow", "_phrases", "_signs", "_words")

    def __init__(self, table: FaultTable) -> None:
        self._defaults = table.defaults
        self._overflow = _pattern("|".join(table.overflow))
        self._exclude = _pattern(table.exclude)
        self._words = table.words
        self._phrases = table.phrases
        self._signs = table.signs

    def of_answer(
        self, candidate: Candidate, status: int, headers: Sequence[Header], body: bytes
    ) -> Refused:
        """Classify an answer whose status is not 200."""
        error = errorbody.from_bytes(body)
        return self._refused(
            candidate, self._rule(candidate, status, error), error, status, headers
        )

    def within_answer(self, candidate: Candidate, value: object) -> Refused:
        """Classify an error that came inside an answer with status 200."""
        error = errorbody.from_value(value)
        rule = _inside_rule(candidate.provider.errors, error)
        status = error.status if error.status is not None else self._spelt(error)
        if rule is None and status is not None:
            rule = self._rule(candidate, status, error)
        return self._refused(candidate, rule or _unexplained(), error, status or OK, ())

    def _spelt(self, error: ErrorBody) -> int | None:
        """Return the status that an error's type, code or message stands for."""
        said = " ".join((*error.types, *error.codes))
        by_name = next((status for word, status in self._words if word in said), None)
        if by_name is not None:
            return by_name
        if self._is_overflow(HTTPStatus.BAD_REQUEST, error):
            return HTTPStatus.BAD_REQUEST
        message = error.message[:_COMPARED_MAX].lower()
        return next((status for phrase, status in self._phrases if phrase in message), None)

    def _rule(self, candidate: Candidate, status: int, error: ErrorBody) -> ErrorRule:
        """Return the first rule that fits; a text that tells of overflow beats a vague rule."""
        rules = candidate.provider.errors
        own = next((rule for rule in rules if _fits(rule, status, error)), None)
        if own is not None and not _is_vague(own):
            return own
        if self._is_overflow(status, error):
            return _rule_of(Fault.CONTEXT_TOO_LONG, FaultScope.REQUEST, status)
        if own is not None:
            return own
        general = (rule for rule in self._defaults if _fits(rule, status, error))
        return next(general, None) or _by_class(status)

    def _is_overflow(self, status: int, error: ErrorBody) -> bool:
        if status not in OVERFLOW_STATUSES or self._overflow is None:
            return False
        text = error.message[:_COMPARED_MAX]
        if self._exclude is not None and self._exclude.search(text):
            return False
        codes = " ".join(error.codes)
        return bool(self._overflow.search(text) or self._overflow.search(codes))

    def _refused(
        self,
        candidate: Candidate,
        rule: ErrorRule,
        error: ErrorBody,
        status: int,
        headers: Sequence[Header],
    ) -> Refused:
        told = limits.read(candidate.provider.headers, status, [*headers, *_repeated(error)])
        sign = _sign(candidate.provider.signs, error)
        is_quota = rule.fault in QUOTA_FAULTS
        window = told.exhausted if is_quota else None
        if sign is None and is_quota and rule.span is None and window is None:
            sign = _first_sign(self._signs, error)
        span = (sign.span if sign else None) or rule.span or (window.span if window else None)
        metric = (sign.metric if sign else None) or (window.metric if window else None)
        wait = told_wait(told, error, is_quota=is_quota)
        length = max(wait or 0.0, span or 0.0)
        fault, scope = _sharpened(rule, length, is_never_granted=told.is_never_granted)
        is_calendar = bool(sign and sign.calendar) and fault in QUOTA_FAULTS
        is_waited_for = fault in WAITED_FOR and not is_calendar
        return Refused(
            fault=fault,
            scope=scope,
            detail=_detail(candidate, rule, error, status),
            status=status,
            retry_in=wait if is_waited_for else None,
            retry_is_calendar=is_calendar,
            span=span,
            metric=str(metric) if metric else None,
            amount=_amount(fault, sign, error),
            rescued=_rescued(candidate.quirks.rescue_field, error),
            parameter=unsupported_parameter(error) if fault is Fault.BAD_REQUEST else None,
        )


def _pattern(text: str) -> re.Pattern[str] | None:
    return re.compile(text, re.IGNORECASE) if text else None


def _fits(rule: ErrorRule, status: int, error: ErrorBody) -> bool:
    if not rule.status <= status <= (rule.status_max or rule.status):
        return False
    has_text = not rule.match_any or any(text.lower() in error.raw for text in rule.match_any)
    return (
        has_text
        and _has_one(rule.codes, error.codes, rule=rule, status=status)
        and _has_one(rule.types, error.types, rule=rule, status=status)
    )


def _has_one(
    wanted: tuple[str, ...], told: tuple[str, ...], *, rule: ErrorRule, status: int
) -> bool:
    """Compare codes or types; where the body has none, a text that fits is enough."""
    if not wanted:
        return True
    if any(value.lower() in told for value in wanted):
        return True
    says_nothing = all(value == str(status) for value in told)
    return says_nothing and (bool(rule.match_any) or str(status) in wanted)


def _is_vague(rule: ErrorRule) -> bool:
    return not rule.match_any and rule.fault in (Fault.BAD_REQUEST, Fault.TOO_LARGE)


def _inside_rule(rules: tuple[ErrorRule, ...], error: ErrorBody) -> ErrorRule | None:
    """Return the rule that fits an error without a status: by its words or codes."""
    for rule in rules:
        is_told = error.status is None or rule.status in {error.status, OK}
        has_sign = rule.match_any or rule.codes or rule.types
        if is_told and has_sign and _fits(rule, rule.status, error):
            return rule
    return None


def _rule_of(fault: Fault, scope: FaultScope, status: int) -> ErrorRule:
    return ErrorRule(fault=fault, scope=scope, status=status)


def _by_class(status: int) -> ErrorRule:
    """Return what a status means that no table knows."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _rule_of(Fault.SERVER, FaultScope.PROVIDER, status)
    if status >= HTTPStatus.BAD_REQUEST:
        return _rule_of(Fault.BAD_REQUEST, FaultScope.REQUEST, status)
    return _rule_of(Fault.MALFORMED, FaultScope.CANDIDATE, status)


def _unexplained() -> ErrorRule:
    """Return what an error inside a good answer means that says nothing we know."""
    return _rule_of(Fault.MALFORMED, FaultScope.CANDIDATE, OK)


def _sign(signs: tuple[WindowSign, ...], error: ErrorBody) -> WindowSign | None:
    return next((sign for sign in signs if sign.text.lower() in error.raw), None)


def _first_sign(signs: tuple[WindowSign, ...], error: ErrorBody) -> WindowSign | None:
    """Return the sign that stands first: what was hit comes before what else there is."""
    said = error.message[:_COMPARED_MAX].lower()
    found = [(said.find(sign.text.lower()), n) for n, sign in enumerate(signs)]
    places = [(at, n) for at, n in found if at >= 0]
    return signs[min(places)[1]] if places else None


def _sharpened(
    rule: ErrorRule, length: float, *, is_never_granted: bool
) -> tuple[Fault, FaultScope]:
    """Tell rate, quota and "never" apart by how long the window or the told wait is."""
    if rule.fault in QUOTA_FAULTS and is_never_granted:
        return Fault.NOT_FREE, FaultScope.CANDIDATE
    if rule.fault is Fault.RATE_LIMITED and length >= LONG_SPAN:
        return Fault.QUOTA_GONE, rule.scope
    return rule.fault, rule.scope


def _repeated(error: ErrorBody) -> list[Header]:
    """Return headers that a router of providers repeats in the body."""
    metadata = as_dict(error.error.get("metadata"))
    headers = as_dict(metadata.get("headers"))
    return [(name, as_text(value)) for name, value in headers.items()]


def _detail(candidate: Candidate, rule: ErrorRule, error: ErrorBody, status: int) -> str:
    secrets = secrets_of(candidate.account)
    return one_line(error.message, secrets) or rule.reason or f"status {status}, no words"


def _amount(fault: Fault, sign: WindowSign | None, error: ErrorBody) -> int | None:
    if fault is Fault.CONTEXT_TOO_LONG:
        return context_size(error)
    if fault in QUOTA_FAULTS or fault is Fault.TOO_LARGE:
        return told_amount(error, sign.text if sign else None)
    return None


def _rescued(field: str | None, error: ErrorBody) -> str | None:
    text = error.error.get(field) if field else None
    return rescued(text) if isinstance(text, str) else None
