"""Which of LangChain's standard tests the small local model is not asked, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).with_name("local_leaves_out.txt")
FILE = "test_standard_local.py"
KINDS = ("cannot", "long")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One test: `cannot` pass, or is too `long` for every day."""

    kind: str
    name: str
    reason: str


def listed(text: str) -> list[LeftOut]:
    """Read the list.

    Raises:
        ValueError: A line has no kind or no reason.
    """
    return [*_read(text.splitlines())]


def _read(lines: Iterable[str]) -> Iterator[LeftOut]:
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        head, _, reason = line.partition(": ")
        kind, _, name = head.partition(" ")
        if kind not in KINDS or not name or not reason.strip():
            raise ValueError(f"give `cannot` or `long`, a name, and why: {line}")
        yield LeftOut(kind, name, reason.strip())


def is_left_out(name: str, entries: Iterable[LeftOut], *, whole: bool) -> bool:
    """Tell whether a test is left out; a name without parameters means all of them."""
    plain = name.partition("[")[0]
    return any(
        entry.name in {name, plain} and (entry.kind == "cannot" or not whole) for entry in entries
    )
