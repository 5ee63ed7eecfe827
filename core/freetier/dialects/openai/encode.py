"""A request into one HTTP request, as the candidate's quirks say."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from freetier._version import __version__
from freetier.dialects.jsontext import write
from freetier.dialects.openai.messages import wire_messages
from freetier.dialects.openai.tools import format_field, tool_fields
from freetier.routing.ports import Encoded
from freetier.values.accounts import Candidate
from freetier.values.chat import ChatRequest
from freetier.values.quirks import Quirks
from freetier.values.wire import Header, HttpRequest

AGENT = f"freetier/{__version__}"

SETTINGS = (
    "temperature", "top_p", "seed", "presence_penalty", "frequency_penalty", "reasoning_effort",
)  # fmt: skip
"""Parameters that are sent under their own names."""

OURS = frozenset({"model", "messages", "stream", "stream_options", "tools", "n"})
"""Parameters that no caller may pass on: they decide what an answer is."""

WITH_TOOLS = frozenset({"tool_choice", "parallel_tool_calls"})
"""Parameters that providers refuse where there are no tools."""


def encode(request: ChatRequest, candidate: Candidate, *, stream: bool) -> Encoded:
    """Write a request.

    Raises:
        ValueError: It cannot be said to this candidate; the text says what.
    """
    quirks = candidate.quirks
    body: dict[str, Any] = {
        "model": candidate.model.id,
        "messages": wire_messages(request.messages, candidate),
    }
    if stream:
        body["stream"] = True
        if quirks.stream_usage:
            body["stream_options"] = {"include_usage": True}
    wanted = _wanted(request, quirks)
    refused = _refused_names(candidate)
    foreign = {name: value for name, value in request.extra.items() if name not in wanted}
    passed_on = tuple(name for name in foreign if name not in refused and name not in OURS)
    body.update((name, value) for name, value in wanted.items() if name not in refused)
    body.update((name, foreign[name]) for name in passed_on)
    for name, value in quirks.body.items():
        if "tools" in body or name not in WITH_TOOLS:
            body.setdefault(name, value)
    return Encoded(
        request=_http(candidate, write(body), stream=stream),
        dropped=(
            *(name for name in wanted if name in refused),
            *(name for name in foreign if name not in passed_on),
        ),
        passed_on=passed_on,
    )


def _wanted(request: ChatRequest, quirks: Quirks) -> dict[str, Any]:
    """Return the parameters that the caller set, by their names on the wire."""
    wanted: dict[str, Any] = {}
    if request.max_tokens is not None:
        wanted[quirks.max_tokens_field] = request.max_tokens
    for name in SETTINGS:
        value = getattr(request, name)
        if value is not None:
            wanted[name] = value
    if request.stop:
        wanted["stop"] = request.stop
    if request.response_format is not None:
        wanted["response_format"] = format_field(request.response_format, quirks)
    if request.tools or request.tool_choice is not None:
        wanted.update(tool_fields(request, quirks))
    if request.parallel_tool_calls is not None and "tools" in wanted:
        wanted["parallel_tool_calls"] = request.parallel_tool_calls
    return wanted


def _refused_names(candidate: Candidate) -> frozenset[str]:
    quirks = candidate.quirks
    names = quirks.drop
    for pattern, more in quirks.drop_for_models.items():
        if fnmatchcase(candidate.model.id, pattern):
            names |= more
    return names if quirks.parallel_flag else names | {"parallel_tool_calls"}


def _http(candidate: Candidate, body: bytes, *, stream: bool) -> HttpRequest:
    account = candidate.account
    base = account.base_url or candidate.provider.base_url
    if not base:
        raise ValueError(f"the provider {candidate.provider.name} has no address")
    return HttpRequest(
        method="POST",
        url=base.rstrip("/") + candidate.quirks.chat_path,
        headers=_headers(candidate, stream=stream),
        body=body,
        stream=stream,
        proxy=account.proxy,
        ca_file=account.ca_file,
    )


def _headers(candidate: Candidate, *, stream: bool) -> tuple[Header, ...]:
    """Return the headers; what the account says wins over what the provider's data say."""
    quirks, account = candidate.quirks, candidate.account
    headers = {
        "content-type": "application/json",
        "accept": "text/event-stream" if stream else "application/json",
        "user-agent": AGENT,
    }
    if account.secret:
        key = account.secret.reveal()
        if not (key.isascii() and key.isprintable()):
            raise ValueError(f"the key of {account.id} holds letters that no header can carry")
        headers[quirks.auth_header.lower()] = f"{quirks.auth_scheme} {key}".lstrip()
    for name, value in (*quirks.headers, *account.headers):
        headers[name.lower()] = value
    return tuple(headers.items())
