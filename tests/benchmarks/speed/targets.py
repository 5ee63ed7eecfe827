"""What is wanted, as data: each row of the table that the benchmark prints.

"must" holds for a plain install, "stretch" with the extra `fast`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scenario:
    """A way to ask.

    Attributes:
        how: `tasks`, `threads` or `streams`.
        at_once: Requests at a time.
        count: Requests of one sample.
    """

    how: str
    at_once: int
    count: int

    @property
    def name(self) -> str:
        """Return it in words."""
        return f"{self.how}, {self.at_once} at a time"


ONE, SOME, MANY = (Scenario("tasks", n, n * each) for n, each in ((1, 100), (32, 8), (256, 2)))
THREAD, THREADS = Scenario("threads", 1, 100), Scenario("threads", 16, 240)
STREAMS = Scenario("streams", 1, 6)
SCENARIOS = (ONE, SOME, MANY, THREAD, THREADS, STREAMS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One row: a figure of ours over the same figure of somebody else.

    Attributes:
        what: In words.
        ours, theirs: Contenders; ours is measured plain and with `fast`.
        scenario: How both are asked.
        figure: `cpu` of a request, `token` for CPU of a token, `first` for the time to the
            first token.
        must, stretch: The largest ratios that are good enough.
    """

    what: str
    ours: str
    theirs: str
    scenario: Scenario
    figure: str = "cpu"
    must: float
    stretch: float


def _target(what: str, ours: str, theirs: str, scenario: Scenario, wanted: str) -> Target:
    must, stretch, *figure = wanted.split()
    return Target(
        what=what,
        ours=ours,
        theirs=theirs,
        scenario=scenario,
        must=float(must),
        stretch=float(stretch),
        **({"figure": figure[0]} if figure else {}),
    )


CORE, CHAIN, INDEX = "freetier", "freetier_langchain", "freetier_llamaindex"

_CHUNK = "0.25 0.15 token"

TARGETS = (
    _target("acomplete / httpx, 1 at a time", CORE, "httpx", ONE, "1.00 0.50"),
    _target("acomplete / httpx, 32 at a time", CORE, "httpx", SOME, "0.45 0.15"),
    _target("acomplete / httpx, 256 at a time", CORE, "httpx", MANY, "0.60 0.20"),
    _target("complete / httpx, 1 thread", CORE, "httpx", THREAD, "1.15 1.00"),
    _target("complete / httpx, 16 threads", CORE, "httpx", THREADS, "1.15 1.00"),
    _target("LangChain ainvoke / ChatOpenAI", CHAIN, "ChatOpenAI", ONE, "0.50 0.30"),
    _target("LangChain invoke / ChatOpenAI", CHAIN, "ChatOpenAI", THREAD, "0.40 0.33"),
    _target("LlamaIndex achat / OpenAILike", INDEX, "OpenAILike", ONE, "0.50 0.30"),
    _target("astream, a token / httpx aiter_lines", CORE, "httpx", STREAMS, "0.80 0.40 token"),
    _target("LangChain astream, a token / ChatOpenAI", CHAIN, "ChatOpenAI", STREAMS, _CHUNK),
    _target("time to the first token / httpx", CORE, "httpx", STREAMS, "1.50 1.20 first"),
)

FREETIER_IMPORT = "import freetier"
HTTPX_IMPORT = "import httpx"
FROM_ENV = "from freetier import Router; Router.from_env()"
CHAIN_IMPORT = "from freetier_langchain import FreeTierChatModel"
THEIR_CHAIN_IMPORT = "from langchain_core.language_models import BaseChatModel; import httpx"

IMPORTS = (
    # what is loaded, what it is compared with, must, stretch
    (FREETIER_IMPORT, HTTPX_IMPORT, 1.0, 0.5),
    (FROM_ENV, HTTPX_IMPORT, 1.0, None),
    (CHAIN_IMPORT, THEIR_CHAIN_IMPORT, 1.1, 1.03),
)

DECISION = (10.0, 4.0)
"""µs of CPU of one decision over 8 accounts."""

DECISION_GROWTH = (2.0, 1.3)
"""The same over 2,048 accounts, as a multiple of that over 8."""
