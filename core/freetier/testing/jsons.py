"""JSON as Python holds it; where its shape matters, somebody has checked it."""

from __future__ import annotations

from typing import Any, TypeAlias

JsonValue: TypeAlias = Any
"""Anything that JSON can say."""

Json: TypeAlias = dict[str, JsonValue]
"""An object."""
