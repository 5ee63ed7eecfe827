"""A fake provider: requests in, replies out, with a clock that is an argument."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from itertools import count

from freetier.testing import errors, faults
from freetier.testing.accounts import FakeAccount, FakeModel, accounts_of
from freetier.testing.answers import Answering, chat_reply, list_reply, vectors_reply
from freetier.testing.arrival import Call, Register
from freetier.testing.books import Books, Verdict
from freetier.testing.desk import Desk, Exchange
from freetier.testing.faults import Fault
from freetier.testing.ledger import Gauge, Hit, Ledger, Subject
from freetier.testing.limits import Cost, Limit
from freetier.testing.model import small_model
from freetier.testing.owntime import OwnTime
from freetier.testing.rates import constant_headers, rate_headers
from freetier.testing.rejection import Rejection
from freetier.testing.replies import Incoming, Reply
from freetier.testing.rules import Rules
from freetier.testing.said import Answer, Model, bounded, model_of, output_bound
from freetier.testing.strict import inputs
from freetier.testing.styles import GENERIC, STYLES
from freetier.testing.styles.form import Style
from freetier.testing.tokens import prompt_tokens, text_tokens
from freetier.testing.tongues import TONGUES
from freetier.testing.upstream import Upstream, forward
from freetier.values.wire import Header

Latency = float | tuple[float, float] | Callable[[], float]
UNCOUNTED = (faults.Unreachable, faults.RateLimited, faults.Html, faults.Garbage)
COUNTED_IF_SAID = (faults.Status, faults.VendorError)
DIMENSIONS = 64
PATHS = {"chat": "/chat/completions", "embeddings": "/embeddings"}


@dataclass(eq=False)
class FakeProvider:
    """One provider with accounts, models, limits of its own, and an answer for everything.

    Args:
        name: what accounts in a configuration call it.
        style: how it speaks; by default the style of that name, else `generic`.
        accounts: how many, or their labels, or accounts with keys, pools and limits.
        models: their ids, or models; None = any name will do.
        limits: of every account (or model, or pool, by their scope).
        answer: a text, several, or a function of the request's JSON; by default a small model
            that also calls tools and fills schemas.
        latency: seconds before the headers; a pair = evenly between them; or a function.
        token_rate: tokens a second of the answer; None = all at once.
        upstream: a real server that answers instead, behind these limits (over HTTP only).
        strict: whether unknown members of a request are refused as this vendor does.
        skew: seconds by which this provider's clock is ahead of the fleet's.
        drift: seconds that its clock gains in one of the fleet's, from `since` on.
        since: an instant, seconds since 1970 UTC.
        seed: of the latency.

    Raises:
        ValueError: an unknown style, two accounts with one label or key, or an upstream in
            another language.
    """

    name: str
    style: str | Style | None = None
    _: KW_ONLY
    accounts: int | Sequence[str | FakeAccount] = 1
    models: Sequence[str | FakeModel] | None = None
    limits: Sequence[Limit] = ()
    answer: Answer = small_model
    latency: Latency = 0.0
    token_rate: float | None = None
    upstream: Upstream | None = None
    strict: bool = True
    skew: float = 0.0
    drift: float = 0.0
    since: float = 0.0
    seed: int = 0
    rules: Rules = field(default_factory=Rules, init=False, repr=False)
    form: Style = field(init=False, repr=False)
    register: Register = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Open the desk."""
        self.form = style_of(self.name, self.style)
        if self.upstream is not None and self.form.tongue != "openai":
            raise ValueError(f"{self.name}: a server upstream speaks OpenAI's language only")
        accounts = accounts_of(self.name, self.accounts)
        models = self.models
        known = None if models is None else [_as_model(model) for model in models]
        tongue = TONGUES[self.form.tongue]
        self.register = Register(accounts, known, tongue.hear)
        told = {(row.metric, row.window) for row in self.form.rates.rows}
        ledger = Ledger(self.limits, {a.label: a.limits for a in accounts}, told)
        self._own = OwnTime(self.skew, self.drift, self.since)
        self._desk = Desk(self.name, ledger, self._own)
        self._model: Model = model_of(self.answer)
        self._numbers = count(1)
        self._dice = random.Random(self.seed)  # noqa: S311 - repeatable on purpose

    @property
    def books(self) -> Books:
        """What came and what became of it."""
        return self._desk.books

    def join(self, books: Books, rules: Rules) -> None:
        """Write into a fleet's books and play by its scripts from now on."""
        self._desk.books = books
        self.rules = rules

    def left(self, account: FakeAccount, model: str, now: float) -> float:
        """Return the share left of an account's tightest window, from 0 to 1."""
        return self._desk.left(Subject(account.label, account.counted_as, model), now)

    def change(self, limits: Sequence[Limit], now: float) -> None:
        """Enforce other limits than before, from now on; what was counted still counts."""
        self.limits = tuple(limits)
        self._desk.change(limits, now)

    def reply(self, incoming: Incoming, now: float) -> Reply:
        """Return the answer to a request that arrives at `now`, seconds since 1970 UTC."""
        call = self.register.read(incoming, next(self._numbers), now)
        fault = self._fault(call)
        if isinstance(fault, UNCOUNTED) or (
            isinstance(fault, COUNTED_IF_SAID) and not fault.counted
        ):
            return self._stand_in(call, fault)
        try:
            return self._serve(call, fault)
        except Rejection as no:
            reply = errors.rejected(self.form, call, no, self._pause())
            self._desk.write(call, "rejected", reply.status, no.why)
            return reply

    def _fault(self, call: Call) -> Fault:
        listing = call.route not in PATHS
        label = call.account.label
        return self.rules.fault(self.name, label, call.model, call.at, listing=listing)

    def _stand_in(self, call: Call, fault: faults.Instead) -> Reply:
        gauges = self._desk.gauges(call)
        reply = errors.stand_in(self.form, call, fault, gauges, self._own.at(call.at))
        verdict: Verdict = "refused" if reply.status == errors.TOO_MANY else "failed"
        self._desk.write(call, verdict, reply.status, type(fault).__name__)
        return reply

    def _serve(self, call: Call, fault: Fault) -> Reply:
        self.register.check_access(call)
        if call.route == "models":
            self._desk.write(call, "listed", 200)
            ids = [m.id for m in self.register.listed(call.account)]
            return list_reply(self.form, ids, call.incoming.path)
        bound = self._bound(call, self.register.model(call))
        granted, gauges = self._desk.admit(call, bound)
        if isinstance(granted, Hit):
            reply = errors.refused(self.form, call, granted, gauges, self._own.at(call.at))
            limit = granted.gauge.limit
            self._desk.write(call, "refused", reply.status, f"{limit.metric} per {limit.window}")
            return reply
        try:
            reply = self._answer(call, fault, granted, gauges)
        except BaseException:
            self._desk.end(granted, call.at, 0)
            raise
        why = "" if isinstance(fault, faults.Ok) else type(fault).__name__
        return self._desk.answered(granted, reply, call, why)

    def _bound(self, call: Call, model: FakeModel) -> Cost:
        """Check the request and return what it costs at most."""
        body = call.body
        if call.route == "embeddings":
            call.body = body = TONGUES[self.form.tongue].texts(call, strict=self.strict)
            return Cost(prompt=sum(text_tokens(text) for text in inputs(body)))
        body = TONGUES[self.form.tongue].checked(call, self.form.fields, strict=self.strict)
        call.body = body
        prompt = prompt_tokens(body)
        if model.context is not None and prompt > model.context:
            raise Rejection("context", "prompt too long", context=model.context, tokens=prompt)
        return Cost(prompt=prompt, output=output_bound(body) or model.max_output)

    def _answer(
        self, call: Call, fault: Fault, exchange: Exchange, gauges: Sequence[Gauge]
    ) -> Reply:
        at = self._own.at(call.at)
        headers: list[Header] = rate_headers(self.form, 200, gauges, at)
        headers += constant_headers(self.form, call.facts)
        if self.upstream is not None:
            return self._forward(call, fault, headers)
        answering = Answering(
            style=self.form,
            call=call,
            at=at,
            headers=tuple(headers),
            pause=self._pause(),
            token_rate=self.token_rate,
        )
        if call.route == "embeddings":
            dimensions = self.register.model(call).dimensions or DIMENSIONS
            reply = vectors_reply(answering, exchange.usage, fault, dimensions)
        else:
            said = bounded(self._model(call.body), call.body)
            reply, exchange.usage = chat_reply(answering, said, exchange.usage.prompt, fault)
        if isinstance(fault, faults.Reset | faults.Status | faults.VendorError):
            return errors.stand_in(self.form, call, fault, gauges, at)
        return reply

    def _forward(self, call: Call, fault: Fault, headers: list[Header]) -> Reply:
        assert self.upstream is not None  # noqa: S101 - asked just before
        match fault:
            case faults.Ok():
                stall = 0.0
            case faults.Stall(seconds):
                stall = seconds
            case _:
                raise ValueError(f"{type(fault).__name__} cannot spoil an answer from upstream")
        onward = forward(self.upstream, PATHS[call.route], call.body)
        return Reply(headers=tuple(headers), after=self._pause() + stall, forward=onward)

    def _pause(self) -> float:
        if isinstance(self.latency, tuple):
            return self._dice.uniform(*self.latency)
        return self.latency() if callable(self.latency) else self.latency


def style_of(name: str, style: str | Style | None) -> Style:
    """Return the style that is meant.

    Raises:
        ValueError: there is none of that name.
    """
    if isinstance(style, Style):
        return style
    if style is None:
        return STYLES.get(name, GENERIC)
    if style not in STYLES:
        raise ValueError(f"no style {style!r}; there are {', '.join(sorted(STYLES))}")
    return STYLES[style]


def _as_model(model: str | FakeModel) -> FakeModel:
    return FakeModel(model) if isinstance(model, str) else model
