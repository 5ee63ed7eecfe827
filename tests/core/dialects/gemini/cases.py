"""Small candidates and requests for the tests of Gemini's language."""

from __future__ import annotations

import json
from typing import Any

from freetier.catalog import fault_table, provider
from freetier.dialects.gemini import GeminiDialect
from freetier.values.accounts import Account, Candidate, Secret
from freetier.values.chat import ChatRequest, Message
from freetier.values.models import Model
from tests.core.dialects.build import KEY

DIALECT = GeminiDialect(fault_table())
USER = Message(role="user", content="hi")


def candidate(model: str = "gemini-3.5-flash", family: str = "gemini", **account: Any) -> Candidate:
    """Return a candidate of the catalog's own Gemini."""
    held = {"id": "g", "provider": "gemini", "secret": Secret(KEY), **account}
    return Candidate(
        key=f"g/{model}",
        account=Account(**held),
        model=Model(id=model, canonical=model, family=family),
        provider=provider("gemini"),
    )


def sent(*messages: Message, model: str = "gemini-3.5-flash", **more: Any) -> dict[str, Any]:
    """Return the body of a request."""
    request = ChatRequest(messages=messages or (USER,), **more)
    return json.loads(DIALECT.encode(request, candidate(model), stream=False).request.body)
