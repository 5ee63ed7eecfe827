"""The configuration of a model that names one provider and brings its key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

Config = str | Path | Mapping[str, Any]


def single(provider: str, key: str) -> Mapping[str, Any]:
    """Return the configuration of one account."""
    return {"accounts": [{"provider": provider, "id": provider, "auth": {"api_key": key}}]}
