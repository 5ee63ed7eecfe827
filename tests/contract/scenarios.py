"""About thirty situations, each the same for every driver: faults, wishes, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from freetier.testing import Limit, faults

PER_MINUTE = Limit(2, "minute", "requests", "rolling")


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One situation.

    Attributes:
        name: In words.
        script: Faults by account, in order of its calls.
        providers: How many accounts each fake provider has, by name.
        limits: Enforced by the fleet and known to the router.
        asked: Request fields and options.
        calls: How many requests one after the other; the last one is looked at.
        outcome: `answered`, or the error's class name.
        attempts: Accounts that were sent to, with the fault or `ok`.
        waited: Virtual seconds waited, about.
        stream: Whether the request is streamed.
    """

    name: str
    outcome: str
    attempts: Sequence[str]
    script: Mapping[str, Sequence[faults.Fault]] = field(default_factory=dict)
    providers: Mapping[str, int] = field(default_factory=lambda: {"alpha": 1, "beta": 1})
    limits: Sequence[Limit] = ()
    asked: Mapping[str, Any] = field(default_factory=dict)
    calls: int = 1
    waited: float = 0.0
    stream: bool = False


FOREVER = [faults.Status(503)] * 20
KEY = faults.VendorError("bad_key")

SCENARIOS = [
    Scenario(name="first answers", outcome="answered", attempts=["alpha-1 ok"]),
    Scenario(
        name="first refuses for quota",
        script={"alpha-1": [faults.RateLimited(wait=30)]},
        outcome="answered",
        attempts=["alpha-1 rate_limited", "beta-1 ok"],
    ),
    Scenario(
        name="first is broken inside",
        script={"alpha-1": [faults.Status(500)]},
        outcome="answered",
        attempts=["alpha-1 server", "beta-1 ok"],
    ),
    Scenario(
        name="first cannot be reached",
        script={"alpha-1": [faults.Unreachable()]},
        outcome="answered",
        attempts=["alpha-1 unreachable", "beta-1 ok"],
    ),
    Scenario(
        name="first hangs",
        script={"alpha-1": [faults.Stall()]},
        asked={"timeout": 5},
        outcome="answered",
        attempts=["alpha-1 timed_out", "beta-1 ok"],
    ),
    Scenario(
        name="first is cut in the middle of a whole answer",
        script={"alpha-1": [faults.Cut()]},
        outcome="answered",
        attempts=["alpha-1 unreachable", "beta-1 ok"],
    ),
    Scenario(
        name="first sends garbage",
        script={"alpha-1": [faults.Garbage()]},
        outcome="answered",
        attempts=["alpha-1 malformed", "beta-1 ok"],
    ),
    Scenario(
        name="first says nothing",
        script={"alpha-1": [faults.Empty()]},
        outcome="answered",
        attempts=["alpha-1 empty", "beta-1 ok"],
    ),
    Scenario(
        name="first has a wrong key",
        script={"alpha-1": [KEY]},
        outcome="answered",
        attempts=["alpha-1 unauthorised", "beta-1 ok"],
    ),
    Scenario(
        name="all keys are wrong",
        script={"alpha-1": [KEY], "beta-1": [KEY]},
        outcome="NotAuthorised",
        attempts=["alpha-1 unauthorised", "beta-1 unauthorised"],
    ),
    Scenario(
        name="the request is bad and two providers agree",
        script={"alpha-1": [faults.Status(400)], "beta-1": [faults.Status(400)]},
        outcome="RequestRejected",
        attempts=["alpha-1 bad_request", "beta-1 bad_request"],
    ),
    Scenario(
        name="the request is bad for one provider only",
        script={"alpha-1": [faults.Status(400)]},
        outcome="answered",
        attempts=["alpha-1 bad_request", "beta-1 ok"],
    ),
    Scenario(
        name="all fail",
        script={"alpha-1": FOREVER, "beta-1": FOREVER},
        asked={"attempts": 2},
        outcome="AllFailed",
        attempts=["alpha-1 overloaded", "beta-1 overloaded"],
    ),
    Scenario(
        name="the only candidate fails once",
        providers={"alpha": 1},
        script={"alpha-1": [faults.Status(503)]},
        outcome="answered",
        attempts=["alpha-1 overloaded", "alpha-1 ok"],
    ),
    Scenario(
        name="the only provider is down: two tries, not ten",
        providers={"alpha": 5},
        script={f"alpha-{n}": [faults.Status(500)] * 9 for n in range(1, 6)},
        outcome="AllFailed",
        attempts=["alpha-1 server", "alpha-2 server"],
    ),
    Scenario(
        name="a dead provider's other keys come last",
        providers={"alpha": 3, "beta": 1},
        script={"alpha-1": [faults.Status(500)]},
        outcome="answered",
        attempts=["alpha-1 server", "beta-1 ok"],
    ),
    Scenario(
        name="quota is gone and nobody waits",
        providers={"alpha": 1},
        limits=[PER_MINUTE],
        asked={"max_wait": 0},
        calls=3,
        outcome="QuotaExhausted",
        attempts=[],
    ),
    Scenario(
        name="quota is gone and the caller waits",
        providers={"alpha": 1},
        limits=[PER_MINUTE],
        calls=3,
        outcome="answered",
        attempts=["alpha-1 ok"],
        waited=60.0,
    ),
    Scenario(
        name="quota is gone and comes back too late",
        providers={"alpha": 1},
        limits=[PER_MINUTE],
        asked={"max_wait": 20},
        calls=3,
        outcome="QuotaExhausted",
        attempts=[],
    ),
    Scenario(
        name="refused with a moment, the only candidate, and the caller waits",
        providers={"alpha": 1},
        script={"alpha-1": [faults.RateLimited(wait=7)]},
        outcome="answered",
        attempts=["alpha-1 rate_limited", "alpha-1 ok"],
        waited=7.0,
    ),
    Scenario(
        name="the deadline passes in the middle of an attempt",
        providers={"alpha": 1},
        script={"alpha-1": [faults.Stall()]},
        asked={"deadline": 3},
        outcome="DeadlineExceeded",
        attempts=["alpha-1 timed_out"],
    ),
    Scenario(
        name="everybody is excluded",
        asked={"exclude": ["alpha", "beta"]},
        outcome="NoCandidate",
        attempts=[],
    ),
    Scenario(name="a stream", outcome="answered", attempts=["alpha-1 ok"], stream=True),
    Scenario(
        name="a stream that is refused",
        script={"alpha-1": [faults.RateLimited()]},
        outcome="answered",
        attempts=["alpha-1 rate_limited", "beta-1 ok"],
        stream=True,
    ),
    Scenario(
        name="a stream with an error before its first text",
        script={"alpha-1": [faults.ErrorEvent(pieces=0)]},
        outcome="answered",
        attempts=["alpha-1 server", "beta-1 ok"],
        stream=True,
    ),
    Scenario(
        name="a stream of a role and nothing else",
        script={"alpha-1": [faults.RoleOnly()]},
        outcome="answered",
        attempts=["alpha-1 empty", "beta-1 ok"],
        stream=True,
    ),
    Scenario(
        name="a stream that is silent before its first text",
        script={"alpha-1": [faults.StallMidStream(pieces=0)]},
        outcome="answered",
        attempts=["alpha-1 timed_out", "beta-1 ok"],
        stream=True,
    ),
    Scenario(
        name="a stream that is cut after its first text",
        script={"alpha-1": [faults.Cut(pieces=3)]},
        outcome="StreamInterrupted",
        attempts=["alpha-1 unreachable"],
        stream=True,
    ),
    Scenario(
        name="a stream that falls silent after its first text",
        script={"alpha-1": [faults.StallMidStream(pieces=3)]},
        outcome="StreamInterrupted",
        attempts=["alpha-1 timed_out"],
        stream=True,
    ),
    Scenario(
        name="a broken stream that begins anew",
        script={"alpha-1": [faults.Cut(pieces=3)]},
        asked={"on_stream_break": "restart"},
        outcome="answered",
        attempts=["alpha-1 unreachable", "beta-1 ok"],
        stream=True,
    ),
    Scenario(
        name="a broken stream that goes on elsewhere",
        script={"alpha-1": [faults.Cut(pieces=3)]},
        asked={"on_stream_break": "continue"},
        outcome="answered",
        attempts=["alpha-1 unreachable", "beta-1 ok"],
        stream=True,
    ),
    Scenario(
        name="a stream without usage, in small pieces, with comments",
        script={"alpha-1": [faults.NoUsage()]},
        outcome="answered",
        attempts=["alpha-1 ok"],
        stream=True,
    ),
]
