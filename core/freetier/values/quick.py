"""Frozen values of which each request makes many, made and unfolded in a fraction of the time.

The `__init__` that `dataclass` writes for a frozen class sets each field through
`object.__setattr__`, which looks its name up anew: an eighth of what a request cost. Here
each slot is set by its own descriptor, and nothing else of the class changes.
"""

from __future__ import annotations

from collections.abc import Hashable
from copy import deepcopy
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


def quick(made: type[T]) -> type[T]:
    """Return a frozen dataclass with an `__init__` that takes the same and is faster.

    Args:
        made: It has slots, no `__post_init__`, and `__init__` takes each of its fields.

    Raises:
        TypeError: It is no such class.
    """
    own: Any = made.__init__
    told = fields(made)  # type: ignore[arg-type] # a dataclass, or this raises
    if hasattr(made, "__post_init__") or made.__dictoffset__ or not all(f.init for f in told):
        raise TypeError(f"{made.__name__} is more than slots that `__init__` fills")
    code = own.__code__
    names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    places = ["self", *names[: code.co_argcount - 1]]
    places += ["*", *names[code.co_argcount - 1 :]] if code.co_kwonlyargcount else []
    known: dict[str, Any] = {}
    lines = [f"def __init__({', '.join(places)}):", " pass"]
    for field in told:
        name = field.name
        known[f"_set_{name}"] = getattr(made, name).__set__
        value = name
        if field.default_factory is not MISSING:
            known[f"_make_{name}"] = field.default_factory
            value = f"_make_{name}() if {name} is _unset else {name}"
            known["_unset"] = _unset(own)
        lines.append(f" _set_{name}(self, {value})")
    exec("\n".join(lines), known)  # noqa: S102 - names of our own fields; `dataclass` does the same
    quicker: Any = known["__init__"]
    quicker.__defaults__, quicker.__kwdefaults__ = own.__defaults__, own.__kwdefaults__
    for what in ("__annotations__", "__qualname__", "__module__"):
        setattr(quicker, what, getattr(own, what))
    made.__init__ = quicker  # type: ignore[method-assign] # which is what it is for
    return made


def _unset(own: Any) -> Any:  # noqa: ANN401 - what `dataclass` has for "nothing was given"
    """Return what an argument is by default whose field is made by a function."""
    given = [*(own.__defaults__ or ()), *(own.__kwdefaults__ or {}).values()]
    return next(one for one in given if repr(one) == "<factory>")


_LEAVES = frozenset({str, int, float, bool, type(None)})


def changed(value: T, **changes: Any) -> T:
    """Return a frozen dataclass with some fields changed, as `dataclasses.replace` does.

    Args:
        value: Of a class whose `__init__` takes each of its fields.
        **changes: By name.
    """
    kind: Any = type(value)
    made: T = kind(**{name: getattr(value, name) for name in _names(kind)} | changes)
    return made


def unfolded(value: Any) -> Any:  # noqa: ANN401 - of any shape
    """Return what `dataclasses.asdict` does, without copying what cannot be changed."""
    kind: Any = type(value)
    if kind in _LEAVES or isinstance(value, Enum):
        return value
    if kind is tuple or kind is list:
        return kind([unfolded(one) for one in value])
    if kind is dict:
        return {unfolded(key): unfolded(one) for key, one in value.items()}
    names = _names(kind)
    return {name: unfolded(getattr(value, name)) for name in names} if names else deepcopy(value)


@cache
def _names(kind: Hashable) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind)) if is_dataclass(kind) else ()
