"""Which packages the demo lacks here, and how to get each."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from importlib.util import find_spec

from freetier.errors import FreetierError
from freetier.local import MissingPart, missing_parts


class Mode(StrEnum):
    """Who answers.

    Attributes:
        LOCAL: A small model on this machine, behind fronts that limit requests.
        CANNED: A script, behind the same fronts.
        LIVE: The providers whose keys are set.
    """

    LOCAL = "local"
    CANNED = "canned"
    LIVE = "live"


class PartsMissing(FreetierError):
    """The demo cannot begin; the message has one line for each missing part."""


EVERYTHING = 'pip install "freetier[demo]"'

PACKAGES = {
    "rich": ("cli", "prints what happens"),
    "langchain_core": ("langchain", "one of the two frameworks"),
    "llama_index.core": ("llamaindex", "one of the two frameworks"),
    "aiohttp": ("testing", "serves the three fronts"),
}
"""The packages besides those of the extra `local`: the extra that brings each, and its use."""

OF_THE_LANGUAGE_MODEL = frozenset({"xllamacpp", "weights"})
"""Parts of the extra `local` that the embeddings do without."""


def check(mode: Mode) -> bool:
    """Make sure that every part is here; return whether the model's weights are still to come.

    Raises:
        PartsMissing: Some are not.
    """
    lacking = list(lacking_parts(mode))
    missing = [part for part in lacking if not part.comes_by_itself]
    if missing:
        hints = [f"All of them at once: {EVERYTHING}"]
        if not list(lacking_parts(Mode.CANNED)):
            hints.append("On scripted answers, without a model: freetier demo --canned")
        raise PartsMissing("\n".join([*map(str, missing), *hints]))
    return bool(lacking)


def lacking_parts(mode: Mode) -> Iterator[MissingPart]:
    """Yield what a mode needs and this machine lacks; nothing is loaded or fetched.

    Canned answers need neither the language model nor the embeddings, live ones no fronts and
    no language model of ours.
    """
    for name, (extra, purpose) in PACKAGES.items():
        if not (mode is Mode.LIVE and extra == "testing") and not _is_installed(name):
            yield MissingPart(name=name, purpose=purpose, remedy=_install(extra))
    for part in missing_parts() if mode is not Mode.CANNED else ():
        if mode is Mode.LOCAL or part.name not in OF_THE_LANGUAGE_MODEL:
            yield part


def _install(extra: str) -> str:
    return f'pip install "freetier[{extra}]"'


def _is_installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # the package around it is not there
        return False
