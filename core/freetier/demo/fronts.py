"""Three free tiers on loopback that speak and refuse as real ones do, before one model.

Their numbers are small, so that a demo of a minute meets a limit of every kind: a day that is
shorter than the catalog says, a minute, and a bucket that refills.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from freetier.local import LocalModel, questions
from freetier.testing import FakeAccount, FakeProvider, Fleet, Limit, Upstream
from freetier.testing.jsons import Json
from freetier.testing.said import Said, last_text
from freetier.values.listing import QuotaRow

ALIAS = "demo"
ALONE = "alone"
"""How the account is called that stands outside the router, for comparison."""

Script = Callable[[Json], str] | Callable[[Json], Said]
"""What answers instead of a model."""

SECONDS_BEFORE, TOKENS_PER_SECOND = 0.15, 40.0
"""How fast the script speaks: about as fast as a small model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A free tier.

    Attributes:
        provider: Whose manner it has, by its name in the catalog.
        model: What it calls the model.
        limits: What it enforces for each account, and the router is told.
        surprise: What it enforces as well, and the router believes otherwise.
    """

    provider: str
    model: str
    limits: tuple[Limit, ...]
    surprise: tuple[Limit, ...] = ()

    @property
    def account(self) -> str:
        """The account that the router has."""
        return f"{self.provider}-1"

    @property
    def alone(self) -> str:
        """The account that the router does not know."""
        return f"{self.provider}-{ALONE}"


MODEL = LocalModel.model
FRONTS = (
    Front(
        provider="openrouter",
        model="openrouter/free",  # its name for whatever free model there is
        limits=(Limit(20, "minute"),),
        # it rolls, so that a demo at midnight meets it as well
        surprise=(Limit(3, "day", kind="rolling", counts_refused=True),),
    ),
    Front(provider="cerebras", model=MODEL, limits=(Limit(3, "minute"),)),
    Front(provider="groq", model=MODEL, limits=(Limit(30, "minute", kind="bucket", burst=2),)),
)


def canned(request: Json) -> str:
    """Return the scripted answer to a question of the corpus."""
    asked = last_text(request, "user")
    found = [question for question in questions() if question.text in asked]
    words = " and ".join(found[-1].words) if found else "there is no answer to this in the script"
    return f"[canned] {words}"


def fleet(model: LocalModel | None, script: Script = canned) -> Fleet:
    """Return the three fronts, with keys made up for this run.

    Args:
        model: Answers behind them.
        script: Answers if there is no model.
    """
    return Fleet(*(_provider(front, model, script) for front in FRONTS))


def _provider(front: Front, model: LocalModel | None, script: Script) -> FakeProvider:
    labels = (front.account, front.alone)
    return FakeProvider(
        front.provider,
        accounts=[FakeAccount(label=label, key=secrets.token_urlsafe(24)) for label in labels],
        models=[front.model],
        limits=(*front.limits, *front.surprise),
        upstream=_upstream(model) if model else None,
        answer=script,
        latency=0.0 if model else SECONDS_BEFORE,
        token_rate=None if model else TOKENS_PER_SECOND,
    )


def _upstream(model: LocalModel) -> Upstream:
    return Upstream(url=model.base_url, key=model.api_key, model=model.model)


def configuration(served: Fleet) -> dict[str, Any]:
    """Return a router's configuration: three accounts, and one alias over them in this order."""
    entries = {entry["id"]: entry for entry in served.config(limits=True)["accounts"]}
    accounts = [_account(front, entries[front.account]) for front in FRONTS]
    steps = [{"account": front.account, "model": front.model} for front in FRONTS]
    return {
        "accounts": [{**entry, "priority": place} for place, entry in enumerate(accounts)],
        "models": [{"alias": ALIAS, "models": steps}],
        "default_model": ALIAS,
    }


def _account(front: Front, entry: dict[str, Any]) -> dict[str, Any]:
    """Return an account without the limits that it is not told."""
    return {**entry, "limits": entry["limits"][: len(front.limits)]}


def allowance(front: Front, believed: Iterable[QuotaRow]) -> str:
    """Return in words what a front lets through, and where the router believes otherwise.

    Args:
        front: The front.
        believed: `Router.quota_status()`.
    """
    mine = [row for row in believed if row.account == front.account]
    surprises = [_words(limit) + _belief(limit, mine) for limit in front.surprise]
    return ", ".join([*surprises, *map(_words, front.limits)])


def _words(limit: Limit) -> str:
    most = f"{limit.amount} {limit.metric} a {limit.window}"
    return most if limit.burst is None else f"{most}, {limit.burst} at once"


def _belief(limit: Limit, rows: Iterable[QuotaRow]) -> str:
    told = (row for row in rows if row.window.startswith(limit.window))
    return "".join(f" (the router believes {row.limit})" for row in told)
