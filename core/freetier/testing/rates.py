"""Rate headers and the facts of a refusal, in a vendor's words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from freetier.testing.forms import NOTATIONS, fill, go_duration
from freetier.testing.ledger import Gauge, Hit
from freetier.testing.styles.form import RateRow, Style
from freetier.values.wire import Header

Pool = dict[tuple[str, str], Gauge]


def tightest(gauges: Sequence[Gauge]) -> Pool:
    """Return, for each metric and window, the limit with the least left."""
    pool: Pool = {}
    for gauge in gauges:
        key = (gauge.limit.metric, gauge.limit.window)
        if key not in pool or gauge.left < pool[key].left:
            pool[key] = gauge
    return pool


def rate_headers(
    style: Style, status: int, gauges: Sequence[Gauge], at: float, hit: Hit | None = None
) -> list[Header]:
    """Return the rate headers of an answer, in the vendor's order.

    Args:
        style: the vendor.
        status: of the answer; most vendors send them with a few only.
        gauges: every limit the request falls under.
        at: the provider's instant.
        hit: the limit that refused it, if one did.
    """
    if status not in style.rates.on or not style.rates.rows:
        return []
    pool = tightest(gauges)
    if hit is not None:
        pool["hit", ""] = hit.gauge._replace(full_in=told_wait(hit))
        pool.setdefault((hit.gauge.limit.metric, hit.gauge.limit.window), hit.gauge)
    rows = ((row, pool.get((row.metric, row.window))) for row in style.rates.rows)
    return [(row.name, told(row, gauge, at)) for row, gauge in rows if gauge is not None]


def told(row: RateRow, gauge: Gauge, at: float) -> str:
    """Return what one header says."""
    if row.part == "limit":
        return str(gauge.limit.amount)
    return str(gauge.left) if row.part == "remaining" else NOTATIONS[row.form](gauge.full_in, at)


def cost_headers(style: Style, status: int, cost: int) -> list[Header]:
    """Return the headers that tell what the request itself costs."""
    if status not in style.rates.on:
        return []
    return [(name, str(cost)) for name in style.rates.cost]


def told_wait(hit: Hit) -> float:
    """Return the seconds a vendor tells to wait, also where waiting is useless."""
    return hit.gauge.full_in if hit.wait is None else hit.wait


def refusal_facts(style: Style, hit: Hit, at: float) -> dict[str, Any]:
    """Return what the body of a refusal may say."""
    gauge, limit = hit.gauge, hit.gauge.limit
    wait = told_wait(hit)
    plain = {"what": f"{limit.metric} per {limit.window}", "unit": limit.metric}
    words = style.words.get((limit.metric, limit.window), {})
    return {
        "metric": limit.metric,
        "window": limit.window,
        "lower": limit.metric,
        "short": limit.window,
        "hint": "",
        "quota_metric": limit.metric,
        "quota_id": f"{limit.metric}-{limit.window}",
        **plain,
        **words,
        "limit": limit.amount,
        "limit_text": str(limit.amount),
        "used": gauge.used,
        "requested": hit.requested,
        "again": go_duration(wait),
        "delay": f"{math.ceil(wait * 10) / 10:g}s",
        "reset_ms": NOTATIONS["epoch_ms"](wait, at),
    }


def retry_headers(style: Style, hit: Hit) -> list[Header]:
    """Return when to come back, if the vendor tells it in headers."""
    wait = told_wait(hit)
    headers = []
    if style.rates.retry_after:
        headers.append(("retry-after", str(math.ceil(wait))))
    if style.rates.retry_after_ms:
        headers.append(("retry-after-ms", str(math.ceil(wait * 1000))))
    return headers


def constant_headers(style: Style, facts: dict[str, Any]) -> list[Header]:
    """Return the headers that every answer to a known account carries."""
    return [(name, fill(template, facts)) for name, template in style.rates.also]


def refusal_kind(style: Style, hit: Hit) -> str:
    """Return the kind of error: refused for now, never granted, or too large for the limit."""
    if hit.wait is not None:
        return "refused"
    kind = "never" if hit.gauge.limit.amount == 0 else "too_large"
    return kind if kind in style.errors else "refused"
