"""What the README shows of commands, and how it is held against what they print."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LEFT_OUT = "..."
"""A line that stands for any number of lines, also none."""

TYPED = "> "
"""What a conversation's lines begin with that a person types."""

_CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
_COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
_STEERING = re.compile(r"\x1b\[[?\d;]*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Shown:
    """A command as the README shows it.

    Attributes:
        line: What stands after the `$`.
        printed: The lines below it.
    """

    line: str
    printed: str

    @property
    def typed(self) -> list[str]:
        """Return what a person types while it runs."""
        return [
            line.removeprefix(TYPED) for line in self.printed.splitlines() if line.startswith(TYPED)
        ]


def shown(text: str = README) -> list[Shown]:
    """Return the commands of a text's console blocks, in order."""
    return [Shown(*found) for body in _CONSOLE.findall(text) for found in _COMMAND.findall(body)]


def read_off(terminal: str) -> str:
    """Return the lines that stand on a terminal, without colours and blanks at their ends."""
    lines = _STEERING.sub("", terminal).replace("\r\n", "\n").removesuffix("\n").split("\n")
    return "".join(line.rpartition("\r")[2].rstrip() + "\n" for line in lines)


def differs(printed: str, said: str) -> str:
    """Return the first line of the README that a command did not print so; empty if there is none.

    Every line counts, also one that is printed and not shown, except where `...` stands.
    """
    wanted, there = steady(printed).splitlines(), steady(said).splitlines()
    place, free = 0, False
    for line in wanted:
        if line == LEFT_OUT:
            free = True
            continue
        found = _find(line, there, place) if free else place
        if found is None or found >= len(there) or there[found] != line:
            return line
        place, free = found + 1, False
    return "" if free or place == len(there) else f"printed as well: {there[place]}"


def _find(line: str, there: list[str], place: int) -> int | None:
    return there.index(line, place) if line in there[place:] else None


def steady(text: str) -> str:
    """Return printed text without what differs from run to run: seconds, and how many waits."""
    text = re.sub(r"\d+ waits?\b", "0 waits", text)
    return re.sub(
        r"\b\d+(\.\d+)? s\b", lambda found: re.sub(r"\d", "0", f"0{found[1] or ''} s"), text
    )
