"""Operations as calls of scripts, and what their replies mean; no connection here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import uuid4

from freetier.stores.base import Survey
from freetier.stores.redis.keys import Keys, tag_of
from freetier.stores.redis.scripts import script
from freetier.values.faults import Fault
from freetier.values.quota import (
    BlockState,
    Charge,
    Denied,
    Granted,
    Learned,
    Observation,
    Reservation,
    Settlement,
    Tally,
)

Told = Mapping[str, str]
"""Blocks that were read before a script, by guard: "end fault"."""


Reply = Any
"""Integers, texts, lists of them, or None for what is absent."""


class Call(NamedTuple):
    """One command to the server.

    Attributes:
        words: What is sent first.
        in_full: What is sent if the server does not know the script.
    """

    words: tuple[Any, ...]
    in_full: tuple[Any, ...] = ()


def _call(name: str, keys: Sequence[str], now: int | None, **asked: object) -> Call:
    if now is not None:
        asked["now"] = now
    body = json.dumps(asked, separators=(",", ":"))
    rest = (len(keys), *keys, body)
    text, sha = script(name)
    return Call(("EVALSHA", sha, *rest), ("EVAL", text, *rest))


def _charge(charge: Charge) -> dict[str, Any]:
    return {
        "kind": charge.kind,
        "amount": charge.amount,
        "ceiling": charge.ceiling,
        "span": charge.span_ms,
        "burst": charge.burst,
        "at_answer": charge.at_answer,
        "edges": charge.edges,
    }


def _held(held: Reservation) -> dict[str, Any]:
    return {"id": held.id, "near": held.near_ms, "far": held.far_ms, "lease": held.lease_ms}


def tags(held: Reservation) -> list[str]:
    """Return the hash tags of a reservation: one, if its keys were made by the router."""
    keys = [charge.key for charge in held.charges] or held.guards[:1]
    return list(dict.fromkeys(tag_of(key) for key in keys))


def guards_elsewhere(held: Reservation) -> tuple[str, ...]:
    """Return the guards that are in another slot than the reservation."""
    mine = tags(held)
    return tuple(guard for guard in held.guards if tag_of(guard) not in mine)


def blocks_of(keys: Keys, guards: Sequence[str]) -> list[Call]:
    """Return the calls that read blocks as they are written down."""
    return [Call(("GET", keys.of("block", guard))) for guard in guards]


def reserve(
    keys: Keys, now: int | None, held: Reservation, deadline_ms: int | None, told: Told
) -> Call:
    """Return the call that takes or books all charges; `told` guards are not read by it."""
    seen = [keys.seen(tag) for tag in tags(held)]
    windows = [keys.of("window", charge.key) for charge in held.charges]
    blocks: list[str] = []
    guards: list[dict[str, Any]] = []
    for guard in held.guards:
        if guard in told:
            till, _, fault = told[guard].partition(" ")
            guards.append({"till": float(till or 0), "fault": fault})
        else:
            blocks.append(keys.of("block", guard))
            guards.append({"at": len(blocks)})
    return _call(
        "reserve",
        [*seen, *windows, *blocks],
        now,
        seen=len(seen),
        held=_held(held),
        charges=[_charge(charge) for charge in held.charges],
        guards=guards,
        deadline=deadline_ms or 0,
    )


def reserved(held: Reservation, reply: Reply) -> Granted | Denied:
    """Read the reply to `reserve`."""
    if reply[0]:
        return Granted(start_in_ms=reply[1])
    _, retry_in, full, guard, till, fault, now = reply
    block = None
    if guard:
        block = BlockState(
            key=held.guards[guard - 1], until_ms=till, fault=Fault(fault), left_ms=till - now
        )
    charge = held.charges[full - 1] if full else None
    return Denied(charge=charge, retry_in_ms=retry_in, block=block)


def settle(keys: Keys, now: int | None, held: Reservation, settlement: Settlement) -> Call:
    """Return the call that makes a reservation true or gives it back.

    Raises:
        ValueError: There are not as many true amounts as charges.
    """
    seen = [keys.seen(tag) for tag in tags(held)]
    amounts = settlement.amounts or tuple(charge.amount for charge in held.charges)
    if len(amounts) != len(held.charges):
        raise ValueError(f"{len(amounts)} amounts for {len(held.charges)} charges")
    asked: dict[str, Any] = {
        "seen": len(seen),
        "held": _held(held),
        "charges": [_charge(charge) for charge in held.charges],
        "sent": settlement.sent,
        "amounts": amounts,
    }
    if settlement.answered_ago_ms is not None:
        asked["answered_ago"] = settlement.answered_ago_ms
    windows = [keys.of("window", charge.key) for charge in held.charges]
    return _call("settle", [*seen, *windows], now, **asked)


class Group(NamedTuple):
    """What a survey asks of the keys with one hash tag.

    Attributes:
        charges: With their places in the whole survey.
        guards: Keys whose blocks are read.
    """

    charges: list[tuple[int, Charge]]
    guards: list[str]


def groups(charges: Sequence[Charge], guards: Sequence[str]) -> dict[str, Group]:
    """Return what is asked, by hash tag."""
    found: dict[str, Group] = {}
    for at, charge in enumerate(charges):
        found.setdefault(tag_of(charge.key), Group([], [])).charges.append((at, charge))
    for guard in guards:
        found.setdefault(tag_of(guard), Group([], [])).guards.append(guard)
    return found


def survey(keys: Keys, now: int | None, tag: str, group: Group) -> Call:
    """Return the call that reads one group."""
    charges = [charge for _, charge in group.charges]
    named = [
        keys.seen(tag),
        *(keys.of("window", charge.key) for charge in charges),
        *(keys.of("learned", charge.key) for charge in charges),
        *(keys.of("block", guard) for guard in group.guards),
    ]
    asked = {"seen": 1, "charges": [_charge(c) for c in charges], "guards": len(group.guards)}
    return _call("survey", named, now, **asked)


def surveyed(found: Sequence[Group], replies: Sequence[Reply]) -> Survey:
    """Read the replies to the calls of `survey`."""
    tallies: dict[int, Tally] = {}
    blocks = {}
    for group, (now, counts, ends) in zip(found, replies, strict=True):
        for (at, charge), (used, held, resets_in, told) in zip(group.charges, counts, strict=True):
            tallies[at] = Tally(charge.key, used, held, resets_in, learned_limit(told))
        for key, (till, fault) in zip(group.guards, ends, strict=True):
            if till:
                blocks[key] = BlockState(
                    key=key, until_ms=till, fault=Fault(fault), left_ms=till - now
                )
    return Survey(tallies=tuple(tallies[at] for at in range(len(tallies))), blocks=blocks)


def learned_limit(told: str | None) -> Learned | None:
    """Read a learned limit as it is written down."""
    if told is None:
        return None
    amount, at_ms, source = told.split(" ", 2)
    return Learned(amount=int(amount), source=source, at_ms=int(at_ms))


def learned(keys: Keys, wanted: Sequence[str]) -> list[Call]:
    """Return the calls that read learned limits."""
    return [Call(("GET", keys.of("learned", key))) for key in wanted]


def learned_limits(wanted: Sequence[str], replies: Sequence[Reply]) -> dict[str, Learned]:
    """Read the replies to the calls of `learned`."""
    found = zip(wanted, map(learned_limit, replies), strict=True)
    return {key: limit for key, limit in found if limit is not None}


def observe(
    keys: Keys, now: int | None, charge: Charge, said: Observation, sent_ago_ms: int
) -> Call:
    """Return the call that adopts what a provider said."""
    named = [
        keys.seen(tag_of(charge.key)),
        keys.of("window", charge.key),
        keys.of("learned", charge.key),
    ]
    asked: dict[str, Any] = {"seen": 1, "charge": _charge(charge), "source": said.source}
    if said.limit is not None:
        asked["limit"] = said.limit
    if said.remaining is not None:
        asked["remaining"] = said.remaining
    return _call("observe", named, now, **asked, sent_ago=sent_ago_ms)


def block(keys: Keys, now: int | None, key: str, for_ms: int, fault: Fault) -> Call:
    """Return the call that leaves a key alone."""
    named = [keys.seen(tag_of(key)), keys.of("block", key)]
    return _call("block", named, now, for_ms=for_ms, fault=fault)


def record_fault(keys: Keys, now: int | None, key: str, span_ms: int) -> Call:
    """Return the call that counts a fault; sent twice, it still counts one."""
    named = [keys.seen(tag_of(key)), keys.of("faults", key)]
    return _call("fault", named, now, span=span_ms, id=uuid4().hex)


def lease(keys: Keys, now: int | None, key: str, owner: str, ttl_ms: int) -> Call:
    """Return the call that takes a lease."""
    named = [keys.seen(tag_of(key)), keys.of("lease", key)]
    return _call("lease", named, now, owner=owner, ttl=ttl_ms)


def release(keys: Keys, key: str, owner: str, *, clear: bool) -> Call:
    """Return the call that lets a lease go."""
    named = [keys.of("lease", key), keys.of("faults", key), keys.of("block", key)]
    return _call("release", named, None, owner=owner, clear=clear)


def instant(keys: Keys, now: int | None) -> Call:
    """Return the call that reads the store's instant."""
    return _call("now", [keys.seen("now")], now)


def forget(named: Sequence[str]) -> list[Call]:
    """Return the calls that delete keys, each in its own slot."""
    return [Call(("UNLINK", key)) for key in named]
