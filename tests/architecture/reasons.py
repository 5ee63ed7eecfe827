"""Why each dependency is there: the reasons that stand in pyproject.toml.

    python -m tests.architecture.reasons

prints every requirement of the package, of each extra and of the build with its reason. A reason
is a comment behind the requirement, or behind or right above the list that it is in.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
LISTS = {"build-system": {"requires"}, "project": {"dependencies"}}  # tables and their lists
EXTRAS = "project.optional-dependencies"
TABLE = re.compile(r"\[([\w.-]+)\]$")
HEAD = re.compile(r"([\w-]+) = \[")
TEXT = re.compile(r'"([^"]*)"')
COMMENT = re.compile(r'^(?:[^"#]|"[^"]*")*?#\s*(.+)$')


@dataclass(frozen=True)
class Reason:
    """One requirement.

    Attributes:
        place: `dependencies`, `requires`, or the name of an extra.
        requirement: As it is declared.
        why: The comment, empty if there is none.
    """

    place: str
    requirement: str
    why: str


def reasons(project: str) -> list[Reason]:
    """Return the requirements of a `pyproject.toml`, but for its own extras.

    Args:
        project: Its text, with lists that begin on a line of their own.

    Raises:
        ValueError: A requirement was read otherwise than by the reader of TOML.
    """
    found = list(_read(project))
    seen = sorted((one.place, one.requirement) for one in found)
    if seen != sorted(_parsed(project)):
        raise ValueError("pyproject.toml has requirements that this does not find")
    return [one for one in found if not one.requirement.startswith("freetier[")]


def unexplained(project: str) -> list[str]:
    """Return the requirements that have no reason."""
    return [f"{one.place}: {one.requirement}" for one in reasons(project) if not one.why]


def _read(project: str) -> Iterator[Reason]:
    table, place, of_list, above = "", "", "", ""
    for line in project.splitlines():
        words = line.strip()
        comment = COMMENT.match(words)
        why = comment[1] if comment else ""
        if words.startswith("#") and not place:
            above = why
        if match := TABLE.match(words):
            table, above = match[1], ""
        if (match := HEAD.match(words)) and (table == EXTRAS or match[1] in LISTS.get(table, ())):
            place, of_list, above = match[1], why or above, ""
        if not place:
            continue
        code = words.removesuffix(f"# {why}") if why else words
        for requirement in () if words.startswith("#") else TEXT.findall(code):
            yield Reason(place, requirement, why or of_list)
        if code.rstrip().endswith("]"):
            place = ""


def _parsed(project: str) -> Iterator[tuple[str, str]]:
    whole = tomllib.loads(project)
    lists = {
        "requires": whole["build-system"]["requires"],
        "dependencies": whole["project"]["dependencies"],
        **whole["project"]["optional-dependencies"],
    }
    for place, requirements in lists.items():
        for requirement in requirements:
            yield place, requirement


def main() -> int:
    """Print the reasons; return the exit status, 1 if one is missing."""
    project = PROJECT.read_text("utf-8")
    for one in reasons(project):
        print(f"{one.place:13} {one.requirement:44} {one.why or 'NO REASON'}")
    return 1 if unexplained(project) else 0


if __name__ == "__main__":
    sys.exit(main())
