"""Quota in PostgreSQL, shared by machines; the server's clock judges."""

from __future__ import annotations

from freetier.stores.postgres.store import AsyncPostgresStore, PostgresStore

__all__ = ["AsyncPostgresStore", "PostgresStore"]
