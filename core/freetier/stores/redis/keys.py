"""Names of keys, so that everything about one account is in one slot of a cluster."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keys:
    """Makes the server's keys out of the store's.

    Attributes:
        prefix: In front of every key; without braces, which mean a hash tag.
    """

    prefix: str

    def of(self, table: str, key: str) -> str:
        """Return where a table has what it knows of a key.

        A key without a hash tag becomes its own, so that all tables have it in one slot.
        """
        placed = _braced(key) if tag_of(key) == key else key
        return f"{self.prefix}{table}:{placed}"

    def seen(self, tag: str) -> str:
        """Return where the highest instant of all keys with a hash tag is."""
        return f"{self.prefix}seen:{_braced(tag)}"

    @property
    def schema(self) -> str:
        """Return where the version of all this is."""
        return f"{self.prefix}schema"

    def all_of(self, table: str) -> str:
        """Return the pattern of a table's keys."""
        plain = "".join(f"\\{c}" if c in "*?[]\\^" else c for c in self.prefix)
        return f"{plain}{table}:*"


def tag_of(key: str) -> str:
    """Return what the server hashes of a key: its first `{...}`, else all of it."""
    start = key.find("{")
    end = key.find("}", start + 1) if start >= 0 else -1
    return key[start + 1 : end] if end > start + 1 else key


def _braced(tag: str) -> str:
    """Return a tag in braces; of what the server would not take as one, one that it does."""
    return "{" + (tag.replace("}", "%7D") or "%") + "}"
