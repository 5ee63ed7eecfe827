"""The providers as a Markdown table: what the README shows, made from the catalog.

`python -m freetier.catalog.table README.md` writes it between its two marks.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from freetier.catalog import provider, provider_names
from freetier.values.models import Model, abilities
from freetier.values.providers import Provider
from freetier.values.quota import Kind, Limit, Metric, Scope

BEGIN = "<!-- providers: made by `make table`, not by hand -->"
END = "<!-- /providers -->"

HEAD = (
    "| provider | free limits | clock | dialect | what it can do | facts of | key |\n"
    "| --- | --- | --- | --- | --- | --- | --- |\n"
)

_STATUS = {
    "free": "",
    "trial_credit": "trial credit",
    "free_uncertain": "free by some sources only",
    "keyless": "no key needed",
    "paid_only": "paid",
    "local": "your machine",
    "retired": "gone",
    "own": "your own",
}
_UNLIMITED = {"paid_only": "none", "retired": "none", "local": "no limits"}
_METRICS = {
    Metric.REQUESTS: "requests",
    Metric.TOTAL: "tokens",
    Metric.INPUT: "input tokens",
    Metric.OUTPUT: "output tokens",
    Metric.UNCACHED: "uncached tokens",
    Metric.INPUTS: "texts to embed",
    Metric.UNITS: "units",
    Metric.CONCURRENT: "at once",
    Metric.MONEY: "nano-dollars",
}
_SPANS = {
    1: "second", 60: "minute", 900: "quarter hour", 3600: "hour", 86_400: "day",
    604_800: "week", 2_592_000: "month",
}  # fmt: skip
_SCOPES = {Scope.MODEL: " a model", Scope.MACHINE: " an address", Scope.POOL: "", Scope.ACCOUNT: ""}
_THOUSANDS = ((1_000_000, "M"), (1_000, "k"))
_PLAIN = 10_000


def table(providers: Iterable[Provider]) -> str:
    """Return the table, a row for each provider in this order."""
    return HEAD + "".join(map(_row, providers))


def shipped_table() -> str:
    """Return the table of the shipped catalog."""
    return table(map(provider, provider_names()))


def with_table(text: str) -> str:
    """Return a text whose table, between the two marks, is the shipped catalog's.

    Raises:
        ValueError: It has not both marks.
    """
    return between(text, BEGIN, END, shipped_table())


def between(text: str, begin: str, end: str, table: str) -> str:
    """Return a text with a table between two marks, in the place of what stood there.

    Raises:
        ValueError: It has not both marks.
    """
    before, begun, rest = text.partition(begin)
    _, ended, after = rest.partition(end)
    if not begun or not ended:
        raise ValueError(f"the text lacks the marks {begin} and {end}")
    return f"{before}{begin}\n\n{table}\n{end}{after}"


def _row(of: Provider) -> str:
    status = _STATUS[of.status]
    if of.status == "retired":
        status = f"gone since {of.gone_since}; {of.replaced_by} instead"
    models = [model for model in of.models if not model.withdrawn]
    free = [model for model in models if model.free and model.status != "no_free_quota"]
    limits = [limit for model in free for limit in model.limits] if of.status != "paid_only" else []
    limits += of.limits if of.status != "paid_only" else ()
    cells = (
        f"`{of.name}`" + (f" ({status})" if status else ""),
        _amounts(limits) or _UNLIMITED.get(of.status, "not in numbers"),
        _clocks(limits) or "-",
        of.dialect,
        _can(free or models, local=of.status == "local"),
        of.as_of or "",
        _key(of),
    )
    return "| " + " | ".join(cells) + " |\n"


def _amounts(limits: Iterable[Limit]) -> str:
    """Return the smallest and the largest amount of each window."""
    found: dict[tuple[str, float, Scope], set[int]] = defaultdict(set)
    for limit in limits:
        found[limit.metric, limit.window.span, limit.scope].add(limit.amount)
    order = list(_METRICS)
    keys = sorted(found, key=lambda key: (order.index(Metric(key[0])), key[1], key[2]))
    return ", ".join(_amount(*key, found[key]) for key in keys)


def _amount(metric: str, span: float, scope: Scope, amounts: set[int]) -> str:
    few, most = _short(min(amounts)), _short(max(amounts))
    per = "" if metric == Metric.CONCURRENT else f"/{_SPANS.get(int(span), f'{span:g} s')}"
    number = few if few == most else f"{few} to {most}"
    return f"{number} {_METRICS[Metric(metric)]}{per}{_SCOPES[scope]}"


def _short(amount: int) -> str:
    for size, letter in _THOUSANDS if amount >= _PLAIN else ():
        if amount >= size:
            return f"{amount / size:,g}{letter}"
    return f"{amount:,}"


def _clocks(limits: Iterable[Limit]) -> str:
    """Return how the windows run; those of which nobody knows it are said so."""
    found: dict[str, dict[float, None]] = defaultdict(dict)
    for limit in sorted(limits, key=lambda limit: limit.window.span):
        window = limit.window
        if window.kind is not Kind.CONCURRENT:
            zone = f" ({window.zone})" if window.kind is Kind.CALENDAR else ""
            found[f"{window.kind}{zone}"][window.span] = None
    return "; ".join(
        f"{', '.join(_SPANS.get(int(span), f'{span:g} s') for span in spans)}: {kind}"
        for kind, spans in found.items()
    )


def _can(models: Iterable[Model], *, local: bool) -> str:
    """Return what models can do; of a local server's own models that chat nobody knows it."""
    able = {capability for model in models for capability in model.capabilities}
    words = abilities(able)
    if local and all(model.embeds for model in models):
        words = ["what your models can", *words]
    return ", ".join(words) or "chat"


def _key(of: Provider) -> str:
    if of.status == "retired":
        return ""
    variable = f"`{of.key_env[0]}`" if of.key_env else ""
    page = f"[get one]({of.key_page})" if of.key_page else ""
    if not variable and not page:
        return "none needed"
    optional = " (not needed)" if of.keyless else ""
    return ", ".join(filter(None, (variable + optional, page)))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        file = Path(name)
        file.write_text(with_table(file.read_text("utf-8")), encoding="utf-8")
