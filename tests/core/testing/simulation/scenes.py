"""Small scenarios that tests share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from freetier.testing.simulation import Scenario, read_scenario


def provider(name: str = "alpha", **more: Any) -> dict[str, Any]:
    """Return one provider with one account and ten requests a minute."""
    return {"name": name, "limits": [{"amount": 10}], **more}


def scene(*providers: Mapping[str, Any], traffic: Any = None, **more: Any) -> Scenario:
    """Return three minutes at twice the capacity, unless told otherwise."""
    return read_scenario(
        {
            "name": "a scene",
            "seconds": 180,
            "providers": list(providers) or [provider()],
            "traffic": traffic or {"load": 2},
            **more,
        }
    )
