"""How many examples a property gets when the profile's number is not right for it."""

from __future__ import annotations

from hypothesis import settings

NORMAL = 100
"""Examples of the profile `default`."""


def examples(normal: int) -> int:
    """Return how many examples to run: `normal` ones, or in proportion under another profile."""
    profile = settings().max_examples
    return max(1, normal * profile // NORMAL)
