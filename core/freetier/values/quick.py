"""Frozen values of which each request makes many, made and unfolded in a fraction of the time.

The `__init__` that `dataclass` writes for a frozen class sets each field through
`object.__setattr__`, which looks its name up anew: an eighth of what a request cost. Here
each slot is set by its own descriptor, and nothing else of the class changes.

Calling a class gathers what is given by name in a dict first. Where a request makes a value
of many fields, `maker` spares it that: a function fills a value of a class of the same slots
that is not frozen, and makes it what it is at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from copy import deepcopy
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def quick(made: type[T]) -> type[T]:
    """Return a frozen dataclass with an `__init__` that takes the same and is faster.

    Args:
        made: It has slots, no `__post_init__`, and `__init__` takes each of its fields.

    Raises:
        TypeError: It is no such class.
    """
    if not _is_slots(made):
        raise TypeError(f"{made.__name__} is more than slots that `__init__` fills")
    own: Any = made.__init__
    places, values, known = _arguments(made)
    lines = [f"def __init__({', '.join(('self', *places))}):", " pass"]
    for name, value in values.items():
        known[f"_set_{name}"] = getattr(made, name).__set__
        lines.append(f" _set_{name}(self, {value})")
    made.__init__ = _written(lines, "__init__", known, own)  # type: ignore[method-assign] # its use
    return made


def maker(made: Callable[P, T]) -> Callable[P, T]:
    """Return a function that takes what a class takes, and makes its values in half the time.

    Args:
        made: A class as `quick` takes them.
    """
    kind: Any = made
    if not _is_slots(kind):
        raise TypeError(f"{kind.__name__} is more than slots that `__init__` fills")
    places, values, known = _arguments(kind)
    known |= {"_new": object.__new__, "_open": _open(kind), "_kind": kind}
    lines = [f"def make({', '.join(places)}):", " self = _new(_open)"]
    lines += [f" self.{name} = {value}" for name, value in values.items()]
    lines += [" self.__class__ = _kind", " return self"]
    quicker: Callable[P, T] = _written(lines, "make", known, kind.__init__)
    return quicker


def _is_slots(kind: type[Any]) -> bool:
    """Tell whether a dataclass is nothing but slots that its `__init__` fills."""
    more = hasattr(kind, "__post_init__") or kind.__dictoffset__
    return not more and all(field.init for field in fields(kind))


def _arguments(kind: type[Any]) -> tuple[list[str], dict[str, str], dict[str, Any]]:
    """Return what a class takes, what each field is set to, and the names that are used there."""
    own: Any = kind.__init__
    code, known, values = own.__code__, dict[str, Any](), dict[str, str]()
    names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    places = [*names[: code.co_argcount - 1]]
    places += ["*", *names[code.co_argcount - 1 :]] if code.co_kwonlyargcount else []
    for field in fields(kind):
        name = values[field.name] = field.name
        if field.default_factory is not MISSING:
            known |= {f"_make_{name}": field.default_factory, "_unset": _unset(own)}
            values[name] = f"_make_{name}() if {name} is _unset else {name}"
    return places, values, known


def _written(
    lines: list[str], name: str, known: dict[str, Any], own: Callable[..., Any]
) -> Callable[..., Any]:
    """Return a function of some lines with the defaults and the looks of a class's `__init__`."""
    exec("\n".join(lines), known)  # noqa: S102 - names of our own fields; `dataclass` does the same
    quicker: Any = known[name]
    for what in (
        "__defaults__", "__kwdefaults__", "__annotations__", "__qualname__", "__module__",
    ):  # fmt: skip
        setattr(quicker, what, getattr(own, what))
    made: Callable[..., Any] = quicker
    return made


def _unset(own: Any) -> Any:  # noqa: ANN401 - what `dataclass` has for "nothing was given"
    """Return what an argument is by default whose field is made by a function."""
    given = [*(own.__defaults__ or ()), *(own.__kwdefaults__ or {}).values()]
    return next(one for one in given if repr(one) == "<factory>")


def _open(kind: type[Any]) -> type[Any]:
    """Return a class of the same slots whose values can be filled, and become those of `kind`."""
    ways = {"__slots__": (), "__module__": kind.__module__}
    setting = {"__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    meta: Any = type(kind)
    made: type[Any] = meta(kind.__name__, (kind,), ways | setting)
    return made


_LEAVES = frozenset({str, int, float, bool, type(None)})


def changed(value: T, **changes: Any) -> T:
    """Return a frozen dataclass with some fields changed, as `dataclasses.replace` does.

    Args:
        value: Of a class whose `__init__` takes each of its fields.
        **changes: By name.
    """
    kind: Any = type(value)
    copied = _copier(kind)
    if copied is None or not changes.keys() <= kind.__dataclass_fields__.keys():
        made: T = kind(**{name: getattr(value, name) for name in _names(kind)} | changes)
        return made
    made = copied(value)
    for name, new in changes.items():
        setattr(made, name, new)
    made.__class__ = kind
    return made


@cache
def _copier(kind: Hashable) -> Callable[[Any], Any] | None:
    """Return a function that copies values so that they can still be filled, if there can be."""
    if not isinstance(kind, type) or not _is_slots(kind):
        return None
    known: dict[str, Any] = {"_new": object.__new__, "_open": _open(kind)}
    lines = ["def copied(value):", " made = _new(_open)"]
    lines += [f" made.{name} = value.{name}" for name in _names(kind)]
    exec("\n".join([*lines, " return made"]), known)  # noqa: S102 - as above
    copied: Callable[[Any], Any] = known["copied"]
    return copied


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
