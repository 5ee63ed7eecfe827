"""`router.check()`: what providers say of our keys and of their models, and how old our facts are.

Asks for lists and for the key's own record; no answer is generated and no quota of a
request is spent, unless the caller wants to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING

from freetier.compared import Found, compared
from freetier.dialects.listing import ask_about_key, ask_for_models, listed
from freetier.errors import ConfigError
from freetier.routing.effects import Close, Flow, Release, Send, Survey, ask
from freetier.routing.health import ACCOUNT
from freetier.routing.reading import read_all
from freetier.values.accounts import Account, Candidate
from freetier.values.checkup import (
    AccountCheck,
    Checkup,
    KeyState,
    Listed,
    Unused,
    last_day,
)
from freetier.values.faults import KEY_FAULTS, Fault, FaultScope, Refused
from freetier.values.hidden import hidden, secrets_of
from freetier.values.wire import Broken, HttpRequest, Timeouts

if TYPE_CHECKING:
    from freetier.engine import Engine

PATIENCE = 10.0
"""Seconds for the beginning of an answer, and for each piece of it."""

LONGEST_ANSWER = 30.0
"""Seconds for all of it: who sends a letter now and then is not waited for."""

LONGEST_LIST = 16 * 1024 * 1024
"""Bytes of a list that are read; OpenRouter's, the longest known, takes two million."""

PAGES = 20
OWNER = "checkup"
MAX_AGE = 120
"""Days after which a figure counts as old: free limits were seen to change every few months."""

_FAULTS = {"timeout": Fault.TIMED_OUT, "garbage": Fault.MALFORMED, "too_large": Fault.MALFORMED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be looked into.

    Attributes:
        accounts: Labels; empty means all.
        max_age: Days after which a figure counts as old.
        today: By which that is counted.
    """

    accounts: frozenset[str] = frozenset()
    max_age: int = MAX_AGE
    today: date


def wanted(engine: Engine, accounts: Iterable[str], max_age: int) -> Wanted:
    """Return what is to be looked into.

    Raises:
        ConfigError: There is no such account.
    """
    names = frozenset(accounts)
    known = [account.id for account in engine.setup.accounts]
    for name in sorted(names.difference(known)):
        raise ConfigError(f"no account {name!r}; there are {', '.join(known)}", where="account")
    today = datetime.fromtimestamp(engine.clock.now(), UTC).date()
    return Wanted(accounts=names, max_age=max_age, today=today)


def checkup(engine: Engine, what: Wanted) -> Flow[Checkup]:
    """Look into accounts, one after the other."""
    checks: list[AccountCheck] = []
    for account in engine.setup.accounts:
        if not what.accounts or account.id in what.accounts:
            check = yield from _account(engine, account, what)
            checks.append(check)
    return Checkup(accounts=tuple(checks), unused=_unused(engine), max_age=what.max_age)


def _account(engine: Engine, account: Account, what: Wanted) -> Flow[AccountCheck]:
    about = engine.index.written(account, "*")
    provider = about.provider
    check = _known(engine, account, what)
    if provider.status == "retired":
        other = f"; use {provider.replaced_by}" if provider.replaced_by else ""
        return replace(check, problem=f"the provider is gone since {provider.gone_since}{other}")
    told = yield from _models(engine, about)
    key = yield from _key(engine, about, told)
    if isinstance(key, Refused):
        return replace(check, key="refused", problem=_words(key))
    if isinstance(told, Refused):
        if told.fault is Fault.MODEL_GONE:  # there is no such page, which is no trouble
            return replace(check, key=key, note=f"it shows no list of its models ({_words(told)})")
        return replace(check, key=key, problem=_words(told))
    if key == "accepted":
        yield from _lift(engine, about)
    if told is None:
        return replace(check, key=key, note="it has no list of its models")
    note = "its list needs no key, so that the key was not tested" if key == "untested" else ""
    check = compared(engine, account, check, told)
    return replace(check, key=key, note="; ".join(filter(None, (note, check.note))))


def _models(engine: Engine, about: Candidate) -> Flow[Found | Refused | None]:
    """Return the provider's own list, `None` if it has none."""
    found: list[Listed] = []
    page = ""
    for _ in range(PAGES):
        body = yield from _asked(engine, about, partial(ask_for_models, about, page))
        if body is None or isinstance(body, Refused):
            return body
        try:
            some, page = listed(body, about.quirks)
        except ValueError as error:
            return _refused(Fault.MALFORMED, str(error))
        found += some
        if not page:
            break
    return tuple(found)


def _key(
    engine: Engine, about: Candidate, told: Found | Refused | None
) -> Flow[Refused | KeyState]:
    """Return what is known of the key, a refusal if it is refused."""
    if isinstance(told, Refused) and told.fault in KEY_FAULTS:
        return told
    if not about.account.secret:
        return "not needed"
    body = yield from _asked(engine, about, partial(ask_about_key, about))
    if isinstance(body, Refused):
        return body if body.fault in KEY_FAULTS else "untested"
    if body is not None:
        return "accepted"
    is_shown = isinstance(told, tuple) and not about.quirks.models_public
    return "accepted" if is_shown else "untested"


def _asked(
    engine: Engine, about: Candidate, make: Callable[[], HttpRequest | None]
) -> Flow[bytes | Refused | None]:
    """Ask one question and return the answer's body; `None` if there is no way to ask."""
    try:
        request = make()
    except ValueError as error:
        return _refused(Fault.UNAUTHORISED, str(error))
    if request is None:
        return None
    answer = yield from ask(Send(request, Timeouts(head=PATIENCE)))
    if isinstance(answer, Broken):
        return _broken(about, answer)
    until = engine.world.now() + LONGEST_ANSWER
    try:
        body = yield from read_all(
            answer.body,
            lambda: max(0.0, min(PATIENCE, until - engine.world.now())),
            LONGEST_LIST,
        )
    finally:
        yield from ask(Close(answer.body))
    if isinstance(body, Broken):
        return _broken(about, body)
    if answer.status in range(200, 300):
        return body
    return engine.world.dialect(about).refusal(about, answer.status, answer.headers, body)


def _broken(about: Candidate, broken: Broken) -> Refused:
    said = hidden(broken.detail, secrets_of(about.account))
    return _refused(_FAULTS.get(broken.kind, Fault.UNREACHABLE), said)


def _refused(fault: Fault, detail: str) -> Refused:
    return Refused(fault=fault, scope=FaultScope.REQUEST, detail=detail)


def _words(refused: Refused) -> str:
    return f"{refused.fault}: {refused.detail}" if refused.detail else refused.fault.value


def _lift(engine: Engine, about: Candidate) -> Flow[None]:
    """Forget that the account's key was refused: it is good again (decisions 8)."""
    keys = engine.board.keys(about)
    marks = (keys.blocks[ACCOUNT], keys.probes[ACCOUNT])
    found = yield from ask(Survey((), marks))
    for key, (_, fault) in found.blocks.items():
        if fault in KEY_FAULTS:
            yield from ask(Release(key, OWNER, clear=True))
            engine.board.recovered(key)


def _known(engine: Engine, account: Account, what: Wanted) -> AccountCheck:
    """Return what can be said without asking anybody."""
    provider = engine.setup.providers[account.provider]
    dates = {
        (c.model.id, limit.metric, limit.window.label): limit.as_of
        for c in engine.index.of_account(account)
        for limit in c.limits
        if limit.as_of is not None
    }
    aged = [day for day in dates.values() if (what.today - last_day(day)).days > what.max_age]
    return AccountCheck(
        account=account.id,
        provider=provider.name,
        key="untested" if account.secret else "not needed",
        aged=len(aged),
        oldest=min(aged, default=None),
        terms=provider.several_accounts,
        trains=provider.trains,
    )


def _unused(engine: Engine) -> tuple[Unused, ...]:
    from freetier import catalog  # noqa: PLC0415 - only a checkup reads every file

    used = set(engine.setup.providers)
    found = []
    for name, variables in catalog.key_variables().items():
        provider = catalog.provider(name)
        if name not in used and variables and provider.status == "free":
            found.append(Unused(provider=name, variables=variables, key_page=provider.key_page))
    return tuple(found)
