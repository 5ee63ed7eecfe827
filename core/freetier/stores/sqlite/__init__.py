"""Quota in one file, shared by the processes of one machine."""

from __future__ import annotations

from freetier.stores.sqlite.store import AsyncSqliteStore, SqliteStore

__all__ = ["AsyncSqliteStore", "SqliteStore"]
