"""Providers: how to speak to a company's API, and what its answers mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from freetier.values.faults import Fault, FaultScope
from freetier.values.models import Model
from freetier.values.quirks import Quirks
from freetier.values.quota import Limit, Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRule:
    """One ordered rule: an answer that fits means this fault.

    All given conditions must hold; texts are compared without case.
    """

    fault: Fault
    scope: FaultScope
    status: int
    status_max: int | None = None
    match_any: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    span: float | None = None
    reason: str = ""


HeaderRole = Literal["limit", "remaining", "reset", "retry_after"]
HeaderFormat = Literal[
    "int", "go_duration", "seconds", "milliseconds", "epoch_seconds", "epoch_milliseconds"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderRule:
    """What one response header of a provider means; `span` is the window's length in seconds."""

    name: str
    role: HeaderRole
    format: HeaderFormat = "int"
    metric: Metric | None = None
    span: float | None = None
    until_full: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowSign:
    """A text that names the window which was hit; the metric and span in seconds it stands for."""

    text: str
    span: float
    metric: Metric | None = None
    calendar: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One company's API: how to speak to it and what it tells.

    Attributes:
        name: The catalog's name.
        title: For people.
        dialect: Name of the wire language.
        base_url: Without a trailing slash.
        key_env: Names of environment variables that may hold a key.
        status: How free it is.
        keyless: Whether it may be used without a key.
        quirks: Deviations from the dialect.
        headers: What its response headers mean.
        untold: Windows that its headers may speak of, without a figure; those that the
            limits leave out are counted from the start and hold once their figure is told.
        errors: Ordered rules.
        signs: Texts that name a window.
        limits: Limits of an account, if not said per model.
        models: What it offers.
        day_zone: Zone of its day, `None` if not known.
        scope: What the provider counts limits over.
        pooled: Accounts of one person share the quota whatever the key.
        first_content, attempt: Budgets in seconds that this provider needs raised.
        several_accounts: What its terms say of several accounts of one person.
        trains: Whether free use may train models; `None` if not known.
        replaced_by, gone_since: Of providers that are gone.
        note: For people.
        key_page: Where to get a key.
        as_of, source: Date and source of the facts.
    """

    name: str
    title: str
    dialect: str = "openai"
    base_url: str = ""
    key_env: tuple[str, ...] = ()
    status: Literal[
        "free", "trial_credit", "free_uncertain", "keyless", "paid_only", "local", "retired", "own"
    ] = "own"
    keyless: bool = False
    quirks: Quirks = field(default_factory=Quirks)
    headers: tuple[HeaderRule, ...] = ()
    untold: tuple[Limit, ...] = ()
    errors: tuple[ErrorRule, ...] = ()
    signs: tuple[WindowSign, ...] = ()
    limits: tuple[Limit, ...] = ()
    models: tuple[Model, ...] = ()
    day_zone: str | None = None
    first_content: float | None = None
    attempt: float | None = None
    several_accounts: Literal[
        "forbidden",
        "forbidden_for_consumers",
        "limits_may_not_be_circumvented",
        "no_clause_found",
        "not_verified",
        "moot",
    ] = "not_verified"
    terms_note: str = ""
    trains: bool | None = None
    gone_since: str | None = None
    replaced_by: str | None = None
    note: str = ""
    key_page: str | None = None
    as_of: str | None = None
    source: str | None = None
