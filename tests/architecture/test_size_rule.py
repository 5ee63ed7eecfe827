"""The size rule holds, and finds what is too long."""

from __future__ import annotations

from pathlib import Path

from tests.architecture.size_rule import FUNCTION_LINES, MODULE_LINES, too_long

ROOT = Path(__file__).parents[2]


def test_no_module_and_no_function_is_too_long() -> None:
    """Every module and function of the packages keeps the limits."""
    assert too_long(ROOT) == []


def test_a_module_of_one_line_too_many_is_found(tmp_path: Path) -> None:
    """The limit itself is allowed, one more is not."""
    _write(tmp_path, "fits.py", "x = 1\n" * MODULE_LINES)
    _write(tmp_path, "long.py", "x = 1\n" * (MODULE_LINES + 1))

    (finding,) = too_long(tmp_path)

    assert finding.startswith("core/freetier/long.py: ")


def test_a_function_of_one_line_too_many_is_found(tmp_path: Path) -> None:
    """A method counts like a function, from `def` to its last line."""
    fits = "class A:\n    def fits(self):\n" + "        x = 1\n" * (FUNCTION_LINES - 1)
    long = "    async def long(self):\n" + "        x = 1\n" * FUNCTION_LINES
    _write(tmp_path, "a.py", fits + long)

    (finding,) = too_long(tmp_path)

    assert finding.startswith("core/freetier/a.py:long: ")


def test_an_exception_needs_a_reason_and_a_need(tmp_path: Path) -> None:
    """An exception for what is short enough, or without a reason, is a finding itself."""
    _write(tmp_path, "long.py", "x = 1\n" * (MODULE_LINES + 1))
    place = "core/freetier/long.py"

    assert too_long(tmp_path, {place: "a table"}) == []
    assert too_long(tmp_path, {place: ""}) == [f"{place}: an exception without a reason"]
    assert too_long(tmp_path, {place: "a table", "b.py": "gone"}) == [
        "b.py: an exception it does not need"
    ]


def _write(root: Path, name: str, text: str) -> None:
    path = root / "core/freetier" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
