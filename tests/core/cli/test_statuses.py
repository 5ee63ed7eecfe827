"""Exit statuses."""

from __future__ import annotations

import pytest

from freetier.cli.statuses import TOLD, Status, interruptible


def test_every_status_is_told_in_the_help():
    """The sentence of the help and the enumeration say the same numbers."""
    numbers = [int(word) for word in TOLD.replace(";", " ").split() if word.isdigit()]
    assert numbers == [status.value for status in Status]


def test_an_interrupted_command_ends_in_one_line(capsys):
    """With the status of an interrupted program, and no traceback."""
    with pytest.raises(SystemExit) as end, interruptible():
        raise KeyboardInterrupt
    assert end.value.code == 130
    assert capsys.readouterr().err == "\nInterrupted; everything is stopped.\n"


def test_what_is_not_interrupted_goes_on():
    """Other ends are left alone."""
    with pytest.raises(ValueError, match="mine"), interruptible():
        raise ValueError("mine")
