"""Accounts to try things on in a notebook: your own, or three free tiers on this machine.

from freetier.demo.playground import playground

play = playground()
router = play.router()
...
play.close()
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, Self

from freetier import Router, catalog
from freetier.config import environment
from freetier.demo.fronts import ALIAS, configuration, fleet
from freetier.local import LocalModel
from freetier.testing import Fleet
from freetier.testing.model import small_model
from freetier.values.sheets import Sheet, Shown

FILE_VARIABLE = "FREETIER_CONFIG"

LIVE = (
    "The keys in the environment: real providers answer, and what is asked counts against "
    "their quota."
)
LOCAL = (
    "No key is in the environment, so a real but very small language model (135 million "
    "parameters) answers on this machine, behind three fronts that limit and refuse as the "
    "providers do whose names they bear. Its words are modest; the routes are real. Set a key, "
    "such as GROQ_API_KEY, and run this again: then real providers answer."
)
SCRIPTED = (
    "No key is in the environment, so a script answers on this machine, behind three fronts that "
    "limit and refuse as the providers do whose names they bear. Its words mean nothing; the "
    "routes are real."
)


class Playground(Shown):
    """Where routers find accounts.

    Attributes:
        live: Whether real providers answer.
        fleet: The fronts, to let things go wrong at; `None` if real providers answer.
        model: The name to ask for.
        settings: What suits the model that answers: a small one is kept short.
    """

    def __init__(
        self, config: Mapping[str, Any] | None, served: Fleet | None, running: ExitStack, what: str
    ) -> None:
        self.live = config is None
        self.fleet = served
        self.model = "best" if config is None else ALIAS
        short = {"temperature": 0, "max_tokens": 60}
        self.settings: dict[str, Any] = {} if config is None else short
        self._config = config
        self._what = what
        self._end = weakref.finalize(self, running.close)

    def router(self, **fields: Any) -> Router:
        """Return a router over the accounts; fields are those of `Router`."""
        if self._config is None:
            return Router.from_env(**fields)
        return Router({**self._config, **fields}, environ={})

    def close(self) -> None:
        """Stop what was started; a program's end does it as well."""
        self._end()

    def sheets(self) -> tuple[Sheet, ...]:
        """Return who answers, in a sentence."""
        return (Sheet(title="Real providers" if self.live else "This machine", lead=(self._what,)),)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def playground(*, scripted: bool = False, environ: Mapping[str, str] | None = None) -> Playground:
    """Return your own accounts if a key is in the environment, else three on this machine.

    Args:
        scripted: Let a script answer instead of the small model, which cannot, for example,
            decide to call a tool.
        environ: Variables, instead of the process's.

    Raises:
        FreetierError: A part is missing here; the message says how to get it.
    """
    variables = environment() if environ is None else environ
    names = [FILE_VARIABLE, *(name for names in catalog.key_variables().values() for name in names)]
    if any(variables.get(name, "").strip() for name in names):
        return Playground(None, None, ExitStack(), LIVE)
    # What a front is does not hold for the model behind it; the catalog's doubts help nobody.
    logging.getLogger("freetier").addHandler(logging.NullHandler())
    with ExitStack() as running:
        model = None if scripted else running.enter_context(LocalModel())
        served = running.enter_context(fleet(model, small_model))
        what = SCRIPTED if scripted else LOCAL
        return Playground(configuration(served), served, running.pop_all(), what)
