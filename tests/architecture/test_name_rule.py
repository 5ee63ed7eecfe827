"""The public names of `freetier` are these, and no other becomes one by accident."""

from __future__ import annotations

from pathlib import Path

import freetier
from tests.architecture.name_rule import AT_MOST, wrong_names

ROOT = Path(__file__).parents[2]

PUBLIC = frozenset(
    {
        "__version__",
        # the router, and what goes in
        *("Router", "RouteOptions", "Secret"),
        *("ChatRequest", "Message", "TextPart", "MediaPart", "Tool", "ToolCall", "ToolChoice"),
        "ResponseFormat",
        # what comes out
        *("Completion", "FinishReason", "Usage", "RouteReport", "RouteEvent", "Fault"),
        "Space",
        # what is raised
        *("FreetierError", "ConfigError", "UnknownModel", "RouteError", "QuotaExhausted"),
        *("NotAuthorised", "NoCandidate", "RequestRejected", "DeadlineExceeded", "AllFailed"),
        "StreamInterrupted",
    }
)


def test_the_public_names_are_the_expected_ones() -> None:
    """`__all__` is the list above, short enough, and every name in it has a docstring."""
    assert wrong_names(ROOT, PUBLIC) == []


def test_every_public_name_can_be_imported() -> None:
    """A name that is loaded when asked for is there when asked for."""
    assert [name for name in freetier.__all__ if not hasattr(freetier, name)] == []
    assert set(freetier.__all__) <= set(dir(freetier))


def test_an_unexpected_a_missing_and_an_untold_name_are_found(tmp_path: Path) -> None:
    """Each difference between the list and the tree is said."""
    _write(tmp_path, ["Told", "untold", "Alias"])

    assert wrong_names(tmp_path, {"Told", "untold", "Gone"}) == [
        "public, but not expected: Alias",
        "expected, but not public: Gone",
        "no docstring: untold",
    ]


def test_one_name_too_many_is_found(tmp_path: Path) -> None:
    """The limit is on what a user has to know."""
    _write(tmp_path, [f"name_{number}" for number in range(AT_MOST + 1)])

    assert f"{AT_MOST + 1} public names; at most {AT_MOST}" in wrong_names(tmp_path, set())


def _write(root: Path, names: list[str]) -> None:
    package = root / "core/freetier"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(f"__all__ = {names}\n", encoding="utf-8")
    told = 'class Told:\n    """It is told."""\n\nAlias = dict\n"""So is this."""\n'
    untold = "def untold():\n    pass\n"
    (package / "a.py").write_text(told + untold, encoding="utf-8")
