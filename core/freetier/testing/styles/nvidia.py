"""NVIDIA: no rate headers at all, problem details from the gateway, flat model errors."""

from __future__ import annotations

from freetier.testing.styles.form import (
    ChatForm,
    ErrorForm,
    FieldRules,
    RateForm,
    StreamForm,
    Style,
)
from freetier.testing.styles.generic import MESSAGE_FIELDS, REQUEST_FIELDS


def _problem(status: int, title: str, detail: str) -> ErrorForm:
    body = {"type": "about:blank", "status": status, "title": title, "detail": detail}
    return ErrorForm(status=status, body=body)


STYLE = Style(
    name="nvidia",
    envelope={
        "object": "error",
        "message": "{message}",
        "type": "{type}",
        "param": None,
        "code": "{status}",
    },
    defaults={"type": "BadRequestError"},
    errors={
        "no_key": ErrorForm(status=401, body={"detail": "Authentication failed"}),
        "bad_key": ErrorForm(
            status=403,
            body={"status": 403, "title": "Forbidden", "detail": "Authorization failed"},
            content="application/problem+json",
        ),
        "no_route": ErrorForm(
            status=404, body="404 page not found", content="text/plain; charset=utf-8"
        ),
        "no_model": ErrorForm(
            status=404,
            body={
                "status": 404,
                "title": "Not Found",
                "detail": "Function '00000000-0000-0000-0000-000000000000':"
                " Not found for account 'fake'",
            },
        ),
        "gone": _problem(
            410,
            "Gone",
            "The model '{model}' has reached its end of life on 2026-09-03T08:00:00Z"
            " and is no longer available.",
        ),
        "extra_field": ErrorForm(
            status=400,
            message="[{{'type': 'extra_forbidden', 'loc': ('body', '{field}'),"
            " 'msg': 'Extra inputs are not permitted'}}]",
        ),
        "bad_request": ErrorForm(status=400, message="{detail}"),
        "context": ErrorForm(
            status=400,
            message="This model's maximum context length is {context} tokens."
            " However, you requested {tokens} tokens.",
        ),
        "refused": ErrorForm(status=429, body={"status": 429, "title": "Too Many Requests"}),
        "server": _problem(500, "Internal Server Error", "Something went wrong."),
        "gateway": _problem(502, "Bad Gateway", "Upstream request failed."),
        "busy": _problem(503, "Service Unavailable", "Service temporarily overloaded"),
        "timeout": ErrorForm(
            status=504,
            body={"status": 504, "title": "Gateway Timeout", "detail": "Upstream timed out."},
        ),
    },
    event_error={"error": {"message": "{text}", "type": "{kind}", "code": "{status}"}},
    rates=RateForm(),
    chat=ChatForm(
        message={"reasoning_content": None, "tool_calls": []}, call_prefix="chatcmpl-tool-"
    ),
    stream=StreamForm(closing={"content": ""}),
    fields=FieldRules(
        known=REQUEST_FIELDS - {"store", "metadata", "service_tier", "prediction"}
        | {"chat_template_kwargs"},
        message={
            **MESSAGE_FIELDS,
            "assistant": MESSAGE_FIELDS["assistant"] | {"reasoning_content"},
        },
        systems=1,
    ),
)
