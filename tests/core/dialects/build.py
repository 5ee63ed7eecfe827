"""Small candidates for the tests of the dialects."""

from __future__ import annotations

from typing import Any

from freetier.dialects.openai import OpenAIDialect
from freetier.values.accounts import Account, Candidate, Secret
from freetier.values.chat import ToolCall
from freetier.values.faults import Fault, FaultScope
from freetier.values.faulttable import FaultTable
from freetier.values.models import Model
from freetier.values.providers import ErrorRule, Provider
from freetier.values.quirks import Quirks

KEY = "sk-canary-0123456789"

TABLE = FaultTable(
    defaults=tuple(
        ErrorRule(fault=fault, scope=scope, status=status)
        for status, fault, scope in (
            (400, Fault.BAD_REQUEST, FaultScope.REQUEST),
            (401, Fault.UNAUTHORISED, FaultScope.ACCOUNT),
            (413, Fault.TOO_LARGE, FaultScope.REQUEST),
            (422, Fault.BAD_REQUEST, FaultScope.REQUEST),
            (429, Fault.RATE_LIMITED, FaultScope.CANDIDATE),
            (500, Fault.SERVER, FaultScope.PROVIDER),
            (503, Fault.OVERLOADED, FaultScope.CANDIDATE),
        )
    ),
    overflow=("maximum context length is [0-9,]+ tokens", "context_length_exceeded"),
    exclude="per minute|too many requests",
)


def dialect() -> OpenAIDialect:
    """Return the dialect with a small table."""
    return OpenAIDialect(TABLE)


def candidate(
    *,
    provider: dict[str, Any] | None = None,
    account: dict[str, Any] | None = None,
    model: str = "m-1",
    family: str = "fam",
    **quirks: Any,
) -> Candidate:
    """Return a candidate of the provider `acme`, with quirks by name."""
    about = {"name": "acme", "title": "Acme", "base_url": "https://api.acme.test/v1"}
    held = {"id": "acme-1", "provider": "acme", "secret": Secret(KEY)}
    return Candidate(
        key=f"acme-1/{model}",
        account=Account(**{**held, **(account or {})}),
        model=Model(id=model, canonical=model, family=family),
        provider=Provider(**{**about, "quirks": Quirks(**quirks), **(provider or {})}),
    )


def call(name: str = "weather", arguments: str = '{"city":"Oslo"}', id: str = "call_1") -> ToolCall:  # noqa: A002 - the field's name
    """Return a tool call."""
    return ToolCall(id=id, name=name, arguments=arguments)
