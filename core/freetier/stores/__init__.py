"""Where quota lives: the protocols of a store, and `open_store`.

RULE: a store counts, keeps and judges by its own clock; it knows no provider.
"""

from __future__ import annotations

from freetier.stores.base import AsyncQuotaStore, QuotaStore, Survey
from freetier.stores.memory import MemoryStore

__all__ = ["AsyncQuotaStore", "MemoryStore", "QuotaStore", "Survey"]
