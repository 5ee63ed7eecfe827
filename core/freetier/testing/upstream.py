"""Letting a real server answer behind a fake provider's limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from freetier.testing.forms import compact
from freetier.testing.jsons import Json, JsonValue
from freetier.testing.replies import Forward
from freetier.testing.said import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """An OpenAI-compatible server that really answers.

    Args:
        url: its base URL, such as `http://127.0.0.1:8080/v1`.
        key: its bearer key; None = it wants none.
        model: what it calls its model; None = what the request says.
    """

    url: str
    key: str | None = field(default=None, repr=False)
    model: str | None = None


def forward(upstream: Upstream, path: str, body: Json) -> Forward:
    """Return a request as it goes upstream; a stream is asked to tell its usage.

    Args:
        upstream: where it goes.
        path: below the base URL, with its slash.
        body: the request's JSON.
    """
    body = {**body, "model": upstream.model or body["model"]}
    if body.get("stream"):
        body["stream_options"] = {**(body.get("stream_options") or {}), "include_usage": True}
    headers = {"content-type": "application/json"}
    if upstream.key is not None:
        headers["authorization"] = f"Bearer {upstream.key}"
    return Forward(url=upstream.url.rstrip("/") + path, headers=headers, body=compact(body))


def usage_of(answer: JsonValue) -> Usage | None:
    """Return the usage that an answer or a chunk tells; None if it tells none."""
    usage = answer.get("usage") if isinstance(answer, Mapping) else None
    if not isinstance(usage, Mapping):
        return None
    prompt, output = usage.get("prompt_tokens"), usage.get("completion_tokens", 0)
    if not isinstance(prompt, int) or not isinstance(output, int):
        return None
    return Usage(prompt=prompt, output=output)
