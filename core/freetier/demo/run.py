"""The whole demo, from the first line to the verdict."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from freetier import Router
from freetier.demo.parts import Mode, check

if TYPE_CHECKING:
    from freetier.demo.answers import Job
    from freetier.demo.show import Show
    from freetier.demo.story import Outcome
    from freetier.local import LocalModel
    from freetier.testing import Fleet

__all__ = ["Mode", "run"]

SHORT: dict[str, Any] = {"temperature": 0, "max_tokens": 60}
"""What the small model is asked with: when it has answered, it goes on talking."""

TITLE = "freetier demo: LangChain and LlamaIndex, one router, several free tiers"
OF_WHOM = {
    Mode.LOCAL: "The words are those of a model of 135 million parameters: it copies an answer "
    "out of a passage, and no more. A key, such as GROQ_API_KEY, swaps in a real model: "
    "freetier demo --live",
    Mode.CANNED: "CANNED: no model answers here; a script does, and each of its answers says so. "
    "Limits, refusals, fail-overs and waits are real.",
    Mode.LIVE: "The answers come from your own accounts, and count against their quota.",
}

FRONTS_SAID = "Accounts: fronts that limit and refuse as the providers do whose names they bear"
ACCOUNTS = {Mode.LOCAL: FRONTS_SAID, Mode.CANNED: FRONTS_SAID, Mode.LIVE: "Accounts"}


@dataclass(frozen=True, slots=True)
class Scene:
    """What the story is played with.

    Attributes:
        router: The one router that both frameworks share.
        accounts: Its accounts, each with a word on it.
        fleet: The fronts behind it; `None` where it asks real providers.
    """

    router: Router
    accounts: list[tuple[str, str]]
    fleet: Fleet | None


def run(mode: Mode) -> bool:
    """Play the demo on the standard output; return whether everything promised was seen.

    Raises:
        FreetierError: It cannot begin; the message says why and what to do.
    """
    weights_are_missing = check(mode)
    # Only now is it sure that what prints is installed.
    from freetier.demo.show import Screen, Show
    from freetier.demo.story import Story
    from freetier.local import questions

    began = monotonic()
    show = Show(Screen(highlight=False))
    with _scene(mode, show, fetch=weights_are_missing) as scene:
        jobs = _jobs(mode, show, scene.router)
        show.accounts(ACCOUNTS[mode], scene.accounts)
        outcome = Story(show, [question.text for question in questions()]).tell(jobs)
        _quota(show, scene, outcome)
        return _verdict(show, mode, outcome, monotonic() - began)


@contextmanager
def _scene(mode: Mode, show: Show, *, fetch: bool) -> Iterator[Scene]:
    with ExitStack() as running:
        if mode is Mode.LIVE:
            router = running.enter_context(Router.from_env(listeners=[show.event]))
            show.title(TITLE, OF_WHOM[mode])
            yield Scene(router, [(a.id, a.base_url) for a in router.setup.accounts], None)
            return
        from freetier.demo.fronts import FRONTS, allowance, configuration, fleet

        # The route is shown as it goes, and the catalog's doubts about our model help nobody.
        logging.getLogger("freetier").addHandler(logging.NullHandler())
        show.title(TITLE, OF_WHOM[mode])
        model = _model(show, running, fetch=fetch) if mode is Mode.LOCAL else None
        served = running.enter_context(fleet(model))
        config = configuration(served)
        router = running.enter_context(Router(config, environ={}, listeners=[show.event]))
        believed = router.quota_status()
        told = [(front.account, allowance(front, believed)) for front in FRONTS]
        yield Scene(router, told, served)


def _model(show: Show, running: ExitStack, *, fetch: bool) -> LocalModel:
    from freetier.local import LocalModel
    from freetier.local.weights import weights

    if fetch:
        with show.step("Fetching the language model, 93 MB, once"):
            weights()
    with show.step("Starting SmolLM2-135M-Instruct on this machine"):
        return running.enter_context(LocalModel())


def _jobs(mode: Mode, show: Show, router: Router) -> list[Job]:
    """Make both frameworks' jobs over one router, the same texts and the same vectors."""
    from freetier.demo.vectors import Vectors, word_vectors
    from freetier.local import embed, passages

    texts = [passage.text for passage in passages()]
    canned = mode is Mode.CANNED
    vectors = Vectors(word_vectors if canned else embed)
    with show.step("Loading LangChain and LlamaIndex"):
        from freetier.demo.langchain_job import LangChainJob
        from freetier.demo.llamaindex_job import LlamaIndexJob
        from freetier_langchain import FreeTierChatModel
        from freetier_llamaindex import FreeTierLLM
    means = "by counting words" if canned else "with all-MiniLM-L6-v2"
    with show.step(f"Embedding {len(texts)} short passages {means}"):
        vectors.of(texts)
    settings = {} if mode is Mode.LIVE else SHORT
    return [
        LangChainJob(FreeTierChatModel(router=router, **settings), vectors, texts),
        LlamaIndexJob(FreeTierLLM(router=router, **settings), vectors, texts),
    ]


def _quota(show: Show, scene: Scene, outcome: Outcome) -> None:
    rows, alone = scene.router.quota_status(), {}
    if scene.fleet is not None:
        from freetier.demo.alone import measure

        alone = measure(scene.fleet, outcome.asked)
    show.quota(rows, alone)


def _verdict(show: Show, mode: Mode, outcome: Outcome, seconds: float) -> bool:
    """Print the sum; return whether everything that was promised is in it."""
    from freetier.demo.show import counted

    answers, errors = len(outcome.answers), len(outcome.errors)
    lacking = [f"{errors} of {len(outcome.asked)} questions without an answer"] if errors else []
    if mode is not Mode.LIVE:
        seen = {"fail-over": show.failovers, "wait": show.waits}
        lacking += [f"no {what} was seen" for what, count in seen.items() if not count]
    parts = (
        counted(answers, "answer"),
        f"{counted(errors, 'error')} to the caller",
        counted(show.failovers, "fail-over"),
        counted(show.waits, "wait"),
    )
    show.blank()
    show.line(
        f"{', '.join(parts)}; {seconds:.0f} s in all.", "bold red" if lacking else "bold green"
    )
    if lacking:
        show.line(f"Not what was promised: {', '.join(lacking)}.", "red")
    return not lacking
