"""Filling in a style: templates, numbers in a vendor's notation, error bodies."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from freetier.testing.jsons import JsonValue
from freetier.testing.styles import GENERIC
from freetier.testing.styles.form import ABSENT, ErrorForm, Style

Facts = Mapping[str, Any]
MILLISECOND = 1000  # microseconds
SECOND = 1_000_000
ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


class _Lenient(dict[str, Any]):
    def __missing__(self, key: str) -> object:
        return ABSENT


def fill(template: JsonValue, facts: Facts) -> JsonValue:
    """Return a template with its facts; members whose fact is absent are left out."""
    if isinstance(template, str):
        return _fill_text(template, facts)
    if isinstance(template, dict):
        filled = {key: fill(value, facts) for key, value in template.items()}
        if ABSENT in filled.values():
            return {key: value for key, value in filled.items() if value is not ABSENT}
        return filled
    if isinstance(template, list):
        return [fill(value, facts) for value in template]
    return template


def _fill_text(template: str, facts: Facts) -> JsonValue:
    if "{" not in template and "}" not in template:
        return template
    name = template[1:-1]
    if template[0] == "{" and template[-1] == "}" and name.isidentifier():
        return facts.get(name, ABSENT)
    return template.format_map(_Lenient(facts))


def compact(value: JsonValue) -> bytes:
    """Return JSON without blanks, as vendors send it."""
    return ENCODER.encode(value).encode("utf-8", "replace")


def go_duration(seconds: float) -> str:
    """Return a duration as Go prints it, to the microsecond: `2h24m0s`, `5m45.6s`, `592ms`."""
    micros = max(0, round(seconds * SECOND))
    if micros == 0:
        return "0s"
    if micros < MILLISECOND:
        return f"{micros}µs"
    if micros < SECOND:
        return f"{_decimal(micros, MILLISECOND)}ms"
    minutes, rest = divmod(micros, 60 * SECOND)
    hours, minutes = divmod(minutes, 60)
    tail = f"{_decimal(rest, SECOND)}s"
    if hours:
        return f"{hours}h{minutes}m{tail}"
    return f"{minutes}m{tail}" if minutes else tail


def _decimal(value: int, unit: int) -> str:
    whole, part = divmod(value, unit)
    digits = str(part).zfill(len(str(unit)) - 1).rstrip("0")
    return f"{whole}.{digits}" if digits else str(whole)


def decimal_seconds(seconds: float) -> str:
    """Return seconds with at most six digits after the point."""
    return _decimal(max(0, round(seconds * SECOND)), SECOND)


NOTATIONS: Mapping[str, Callable[[float, float], str]] = {
    "int": lambda value, _at: str(math.ceil(value)),
    "go": lambda value, _at: go_duration(value),
    "seconds": lambda value, _at: decimal_seconds(value),
    "epoch_ms": lambda value, at: str(round((at + value) * 1000)),
}
"""How a number is written, from the number and the provider's instant."""


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """An error as it goes over the wire."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def error_form(style: Style, kind: str) -> ErrorForm:
    """Return a style's form for a kind of error.

    Raises:
        KeyError: neither the style nor the generic one has this kind.
    """
    return style.errors.get(kind) or GENERIC.errors[kind]


def error_json(style: Style, kind: str, facts: Facts) -> JsonValue:
    """Return the body of an error, before it is bytes; a text if the vendor sends one."""
    form = error_form(style, kind)
    facts = {**style.defaults, "status": form.status, **facts}
    if form.body is not None:
        return fill(form.body, facts)
    facts = {**facts, "message": fill(form.message, facts)}
    for name in ("type", "code", "param"):
        stated = getattr(form, name)
        if stated is not ABSENT:
            value = fill(stated, facts)
            facts[name] = style.defaults.get(name, ABSENT) if value is ABSENT else value
    return fill(style.envelope, facts)


def error_body(style: Style, kind: str, facts: Facts) -> ErrorBody:
    """Return an error as the vendor sends it."""
    form = error_form(style, kind)
    status = int(facts.get("status", form.status))
    value = error_json(style, kind, facts)
    body = value.encode() if isinstance(value, str) else compact(value)
    headers = fill(form.headers, facts)
    return ErrorBody(status, (("content-type", form.content), *headers.items()), body)


def kind_of_status(style: Style, status: int) -> str:
    """Return the kind of error a vendor means by a status; `other` if it has none."""
    preferred = {401: "bad_key", 404: "no_model", 400: "bad_request", 429: "refused"}
    if status in preferred:
        return preferred[status]
    kinds = (kind for kind, form in style.errors.items() if form.status == status)
    generic = (kind for kind, form in GENERIC.errors.items() if form.status == status)
    return next(kinds, next(generic, "other"))
