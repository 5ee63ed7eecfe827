"""Accounts are made from a number, from labels, or as they are."""

from __future__ import annotations

import pytest

from freetier.testing import FakeAccount
from freetier.testing.accounts import accounts_of


def test_a_number_makes_labels_and_keys() -> None:
    """Each has its own."""
    one, two = accounts_of("groq", 2)
    assert (one.label, two.label) == ("groq-1", "groq-2")
    assert one.key != two.key


def test_labels_and_accounts_may_be_mixed() -> None:
    """A key of the test's own stays as it is."""
    mine = FakeAccount(label="mine", key="sk-mine", pool="team")
    made = accounts_of("groq", ["work", mine])
    assert made[1] is mine
    assert (made[0].counted_as, mine.counted_as) == ("work", "team")


@pytest.mark.parametrize(
    "given",
    [["a", "a"], [FakeAccount(label="a", key="k"), FakeAccount(label="b", key="k")]],
)
def test_labels_and_keys_must_differ(given: list[str | FakeAccount]) -> None:
    """Else nobody could tell them apart."""
    with pytest.raises(ValueError, match="two accounts"):
        accounts_of("groq", given)


def test_a_key_is_in_no_repr() -> None:
    """An account can be printed."""
    assert "sk-mine" not in repr(FakeAccount(label="mine", key="sk-mine"))
