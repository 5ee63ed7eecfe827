"""The scripts that run inside a store's server or file."""

from __future__ import annotations

from importlib.resources import files


def script(name: str) -> str:
    """Return the text of a script, for example `sqlite.sql`."""
    return files(__name__).joinpath(name).read_text(encoding="utf-8")
