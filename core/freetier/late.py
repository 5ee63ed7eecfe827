"""Modules that are loaded when one of their names is first used.

A router is made long before it is asked, and often in a program that never asks. What only
a request needs is not loaded with it (`make speed`: half of all CPU until then).
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Late:
    """Stands for a module; its names are looked up there once.

    Args:
        name: The module's, in full.
    """

    def __init__(self, name: str) -> None:
        self.__dict__["_name"] = name

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the module holds
        value = getattr(import_module(self.__dict__["_name"]), name)
        self.__dict__[name] = value
        return value
