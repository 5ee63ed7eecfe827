"""What the words of an error tell beside its fault: when, how much, which parameter.

All expressions are linear: no repetition stands inside another, and they are bounded.
"""

from __future__ import annotations

import re

from freetier.dialects.durations import duration
from freetier.dialects.errorbody import ErrorBody
from freetier.dialects.jsontext import as_dict, as_list, as_text
from freetier.dialects.limits import Told

_COMPARED_MAX = 4_096  # characters of a message
_DIGITS_MAX = 18
_WAIT = re.compile(
    r"(?:try again|retry|wait|available)(?: again)? (?:in|after|for)(?: about)? {1,3}"
    r"(\d[\d.]{0,20} ?[a-z]{1,12}(?:[ ,]{0,2}\d[\d.]{0,20} ?[a-z]{1,12}){0,4})",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"\blimit(?:ed to|:)? {1,2}(\d[\d,]{0,18})\b"
    r"|\b(\d[\d,]{0,18}) (?:(?:total|input)[_ ])?(?:requests|tokens) per (?:minute|hour|day)\b",
    re.IGNORECASE,
)
_CONTEXT = re.compile(
    r"(?:context length(?: is)?|context window limit|context size|prompt length is|model with"
    r"|tokens allowed|context window is|context window of) {0,2}\(?(\d[\d,]{0,12})",
    re.IGNORECASE,
)
_QUOTED = r"[\"'`]?([a-z_][\w.]{0,63})[\"'`]?"
_UNSUPPORTED = re.compile(
    r"\b(?:unsupported|unrecognized|unrecognised|unknown|unexpected)"
    r"(?: request| keyword| body)?"
    r"(?: parameter| argument| field| property| name| key| input)s?"
    rf"(?: supplied)?:? ?{_QUOTED}"
    r"|\b(?:property|parameter|argument|field) "
    rf"{_QUOTED} (?:is )?(?:not supported|unsupported|not permitted|not allowed)"
    r"|\b(?:property|parameter|argument|field)s?(?: is| are)? not supported"
    rf"(?: (?:on|by|for|with|in) [\w ]{{1,40}})?: ?{_QUOTED}"
    r"|(?:\bnot|n't) support(?: the)? (?:property|parameter|argument|field)s?:? "
    rf"{_QUOTED}"
    rf"|(?:\bnot|n't) support(?: the)? {_QUOTED} (?:property|parameter|argument|field)\b"
    rf"|{_QUOTED}[:\s]{{1,6}}extra (?:inputs|fields) (?:are )?not (?:permitted|allowed)"
    rf"|{_QUOTED} (?:is|are) not supported (?:with|by|for) this model"
    r"|extra_forbidden', 'loc': \('body', '([a-z_]\w{0,63})'\)",
    re.IGNORECASE,
)
_SAYS_UNSUPPORTED = re.compile(
    r"unsupported|not supported|not support|unrecognized|unrecognised|unknown"
    r"|extra inputs|not permitted|not allowed",
    re.IGNORECASE,
)
_MESSAGE_PARTS = ("message", "content", "model", "body", "input")


def told_wait(told: Told, error: ErrorBody, *, is_quota: bool) -> float | None:
    """Return the seconds to wait: headers first, then the body, then the window's reset.

    Args:
        told: What the headers tell.
        error: What the body tells.
        is_quota: Whether a window is why: else its reset is not what is waited for.
    """
    window = told.exhausted if is_quota else None
    spoken = (
        told.retry_in,
        _wait_in_fields(error),
        _wait_in_words(error.message),
        window.reset_in if window else None,
        told.reset_in if is_quota else None,
    )
    return next((wait for wait in spoken if wait is not None), None)


def told_amount(error: ErrorBody, sign: str | None) -> int | None:
    """Return the limit that was told, of the window that the sign names if there are several."""
    for violation in _violations(error):
        if sign is not None and sign.lower() in as_text(violation.get("quotaId")).lower():
            return _integer(as_text(violation.get("quotaValue")))
    found = _AMOUNT.search(error.message[:_COMPARED_MAX])
    return _integer(found[1] or found[2]) if found else None


def context_size(error: ErrorBody) -> int | None:
    """Return the size of the model's context, in tokens, if the error told it."""
    found = _CONTEXT.search(error.message[:_COMPARED_MAX])
    return _integer(found[1]) if found else _integer(as_text(error.error.get("n_ctx")))


def unsupported_parameter(error: ErrorBody) -> str | None:
    """Return the request parameter that the provider does not take, if it named one."""
    if located := _forbidden_place(error):
        return located
    message = error.message[:_COMPARED_MAX]
    if error.parameter and _SAYS_UNSUPPORTED.search(message):
        return error.parameter
    for found in _UNSUPPORTED.finditer(message):
        name = next(name for name in found.groups() if name).rstrip(".")
        if not name.lower().startswith(_MESSAGE_PARTS):
            return name
    return None


def _wait_in_fields(error: ErrorBody) -> float | None:
    for detail in as_list(error.error.get("details")):
        if delay := as_text(as_dict(detail).get("retryDelay")):
            return duration(delay)
    holders = (error.error, as_dict(error.error.get("availability")))
    for holder in (*holders, as_dict(error.error.get("metadata"))):
        if told := as_text(holder.get("retry_after")):
            return duration(told)
    return None


def _wait_in_words(message: str) -> float | None:
    found = _WAIT.search(message[:_COMPARED_MAX])
    return duration(found[1].rstrip(".")) if found else None


def _violations(error: ErrorBody) -> list[dict[str, object]]:
    details = [as_dict(detail) for detail in as_list(error.error.get("details"))]
    return [as_dict(item) for detail in details for item in as_list(detail.get("violations"))]


def _forbidden_place(error: ErrorBody) -> str | None:
    """Read the complaints of a strict schema; only whole parameters can be left out."""
    message = as_dict(error.error.get("message"))
    for complaint in as_list(error.error.get("detail") or message.get("detail")):
        place = as_list(as_dict(complaint).get("loc"))
        is_extra = as_dict(complaint).get("type") == "extra_forbidden"
        if is_extra and len(place) == len(("body", "name")) and place[0] == "body":
            return as_text(place[1]) or None
    return None


def _integer(text: str) -> int | None:
    digits = text.replace(",", "")
    return int(digits) if digits.isdecimal() and len(digits) <= _DIGITS_MAX else None
