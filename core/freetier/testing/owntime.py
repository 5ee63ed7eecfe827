"""A provider's own clock: ahead of ours, and perhaps not as fast."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OwnTime:
    """From our instants to a provider's, in seconds since 1970 UTC.

    Args:
        skew: seconds by which its clock is ahead.
        drift: seconds that it gains in one of ours.
        since: the instant from which it gains them.
    """

    skew: float = 0.0
    drift: float = 0.0
    since: float = 0.0

    def at(self, instant: float) -> float:
        """Return what its clock shows."""
        gained = self.drift * (instant - self.since) if self.drift else 0.0
        return instant + self.skew + gained
