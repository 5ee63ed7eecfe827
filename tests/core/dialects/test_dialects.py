"""Wire languages by name."""

from __future__ import annotations

import pytest

from freetier.dialects import DIALECTS, dialect
from freetier.values.faulttable import FaultTable


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_each_language_is_made_by_its_name(name):
    """What is made says the name it was asked by."""
    assert dialect(name, FaultTable()).name == name


def test_an_unknown_language_names_those_that_exist():
    """A misspelt dialect in a catalog file is told with the right ones."""
    with pytest.raises(ValueError, match=r"no dialect 'opanai'; there are: .*openai"):
        dialect("opanai", FaultTable())
