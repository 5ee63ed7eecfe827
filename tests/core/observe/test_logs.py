"""Structured logs: what stands in a line, and what never does."""

from __future__ import annotations

import io
import json
import logging

from freetier.hooks import log_route
from freetier.observe import logs
from tests.core.observe.stage import CANARY, played, staged


def test_each_step_is_one_line_of_json():
    """With who, why and how long; the end of a request with its tokens."""
    out = io.StringIO()
    router = staged()
    end = logs.watch(router, out)
    played(router)
    end()
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    answers = [line for line in lines if line["kind"] == "answer"]
    assert [line["account"] for line in answers] == ["cerebras-1", "groq-1", "groq-1"]
    assert answers[0]["seconds"] == 0.25
    assert answers[0]["tags"] == ["job-7"]
    assert answers[1]["attempts"] == 2
    (failover,) = [line for line in lines if line["kind"] == "failover"]
    assert (failover["fault"], failover["status"]) == ("quota_gone", 429)
    assert failover["level"] == "warning"
    assert lines[-1]["kind"] == "give_up"
    assert CANARY not in out.getvalue()
    played_before = out.getvalue()
    router.complete("more", model="gpt-oss-120b")
    assert out.getvalue() == played_before


def test_the_formatter_serves_a_logging_configuration_of_ones_own():
    """Records of other loggers become JSON as well, an exception by its name alone."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.JsonLines())
    log = logging.getLogger("freetier.route")
    log.addHandler(handler)
    try:
        played(staged(listeners=[log_route]))
        try:
            int("secret")
        except ValueError:
            log.exception("it failed")
    finally:
        log.removeHandler(handler)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["kind"] for line in lines[:-1]].count("failover") == 1
    assert (lines[-1]["message"], lines[-1]["exception"]) == ("it failed", "ValueError")
    assert "secret" not in out.getvalue()
