"""The options of one request: the router's defaults, and what the caller overrides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from freetier.errors import ConfigError, kind_of
from freetier.values.options import RouteOptions
from freetier.values.setup import Setup

BUDGETS = {
    "deadline": "deadline",
    "timeout": "attempt",
    "connect": "connect",
    "first_content": "first_content",
    "idle": "idle",
    "attempts": "attempts",
    "max_wait": "max_wait",
}
"""Options that are budgets, by the names callers use."""

PLAIN = frozenset(
    {
        "priority",
        "allow_paid",
        "allow_training",
        "on_stream_break",
        "max_cost",
        "accept",
        "buffer_structured",
        "fetch_media",
        "listener",
        "cancel",
    }
)
SWITCHES = frozenset({"allow_paid", "allow_training", "buffer_structured", "fetch_media"})
"""Those of them that are true or false."""

SETS = frozenset({"only", "exclude"})
NAMES = frozenset({*BUDGETS, *PLAIN, *SETS, "hedge", "tags"})
"""Everything that may be said of one request's routing."""

BREAKS = ("raise", "restart", "continue")


def overridden(base: RouteOptions, given: Mapping[str, Any]) -> RouteOptions:
    """Return options with some replaced.

    Args:
        base: The defaults.
        given: By name. Budgets are seconds (`attempts` a number); 0 and None mean none, but
            for `max_wait`, where 0 means never and None as long as the deadline allows.

    Raises:
        ConfigError: An option is unknown or cannot be read; the text names it.
    """
    if not given:
        return base
    budgets: dict[str, Any] = {}
    changed: dict[str, Any] = {}
    for name, value in given.items():
        if name in BUDGETS:
            budgets[BUDGETS[name]] = _budget(name, value)
        elif name in PLAIN:
            changed[name] = _plain(name, value)
        elif name in SETS:
            changed[name] = frozenset(_several(name, value))
        elif name == "hedge":
            changed[name] = value if isinstance(value, bool) else _budget(name, value) or False
        elif name == "tags":
            changed[name] = tuple(_several(name, value))
        else:
            raise unknown(name)
    if changed.get("on_stream_break", "raise") not in BREAKS:
        raise ConfigError(f"give one of {', '.join(BREAKS)}", where="on_stream_break")
    if budgets:
        changed["budgets"] = replace(base.budgets, **budgets)
    return replace(base, **changed)


def _budget(name: str, value: Any) -> float | None:
    if value is None or (value == 0 and name != "max_wait"):
        return None
    return _amount(name, value)


def _amount(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise ConfigError(f"give a number that is not negative, not {value!r}", where=name)
    return value


def _plain(name: str, value: Any) -> Any:
    if name in SWITCHES and not isinstance(value, bool):
        raise ConfigError(f"give True or False, not {value!r}", where=name)
    if name == "priority" and (not isinstance(value, int) or isinstance(value, bool)):
        raise ConfigError(f"give a whole number, not {value!r}", where=name)
    if name == "max_cost" and value is not None:
        return _amount(name, value)
    if name == "accept" and value is not None and not callable(value):
        raise ConfigError(f"give something that can be called, not {kind_of(value)}", where=name)
    return value


def _several(name: str, value: str | Iterable[str]) -> tuple[str, ...]:
    names: Any = (value,) if isinstance(value, str) else value
    if not isinstance(names, Iterable) or isinstance(names, Mapping):
        raise ConfigError(f"give a name or a list of names, not {kind_of(value)}", where=name)
    return tuple(names)


def unknown(name: str, others: Iterable[str] = ()) -> ConfigError:
    """Return the error for an option that does not exist, with the nearest right name."""
    known = sorted({*NAMES, *others})
    near = get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}"
    return ConfigError(f"unknown option {name!r}{hint}")


def defaults(setup: Setup) -> RouteOptions:
    """Return a router's default options."""
    return RouteOptions(
        budgets=setup.budgets,
        allow_paid=setup.allow_paid,
        allow_training=setup.allow_training,
        fetch_media=setup.fetch_media,
        hedge=setup.hedge,
        on_stream_break=setup.on_stream_break,
    )
