"""`${NAME}` and `${NAME:-default}` in values; nothing else is expanded (decisions 4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from freetier.config.places import Place, nearest, shown

PATTERN = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?\}")
DEEPEST = 32


class FromVariable(str):
    """A value that is the whole of one variable, and remembers which."""

    __slots__ = ("variable",)
    variable: str

    @classmethod
    def named(cls, variable: str, value: str) -> FromVariable:
        """Return the variable's value under its name."""
        made = cls(value)
        made.variable = variable
        return made


class Composed(str):
    """A value of which at least a part came from a variable."""

    __slots__ = ()


def expand(value: Any, environ: Mapping[str, str], place: Place, subject: str = "") -> Any:  # noqa: ANN401 - the user's tree
    """Return a tree with the variables in its texts filled in; keys stay as they are.

    Args:
        value: Mappings, lists and scalars.
        environ: The variables.
        place: Where the tree stands.
        subject: Whom an unset variable is missing for, for example `account 'groq'`.

    Raises:
        ConfigError: A variable is not set, or `${` begins something else.
    """
    return _expanded(value, place, _Variables(environ, subject), DEEPEST)


class _Variables:
    def __init__(self, environ: Mapping[str, str], subject: str) -> None:
        self._environ = environ
        self._for = f" ({subject})" if subject else ""

    def fill(self, text: str, place: Place) -> str:
        if "${" not in text:
            return text
        whole = PATTERN.fullmatch(text)
        if whole and self._holds(whole):
            return FromVariable.named(whole[1], self._environ[whole[1]])
        if "${" in PATTERN.sub("", text):
            raise place.error("only ${NAME} and ${NAME:-default} are understood after a '$'")
        filled = PATTERN.sub(lambda found: self._value(found, place), text)
        return Composed(filled) if any(map(self._holds, PATTERN.finditer(text))) else filled

    def _holds(self, found: re.Match[str]) -> bool:
        """Tell whether the variable is used: it is set, and not empty where there is a default."""
        name, default = found[1], found[2]
        return name in self._environ and (default is None or bool(self._environ[name]))

    def _value(self, found: re.Match[str], place: Place) -> str:
        if self._holds(found):
            return self._environ[found[1]]
        if found[2] is None:
            near = nearest(found[1], self._environ)
            raise place.error(f"the variable {shown(found[1])} is not set{self._for}{near}")
        return found[2]


def _expanded(value: Any, place: Place, variables: _Variables, depth: int) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return variables.fill(value, place)
    if not isinstance(value, (Mapping, list, tuple)):
        return value
    if depth == 0:
        raise place.error(f"nested deeper than {DEEPEST} levels")
    if isinstance(value, Mapping):
        return {
            key: _expanded(item, place.at(str(key)), variables, depth - 1)
            for key, item in value.items()
        }
    return [_expanded(v, place.at(i), variables, depth - 1) for i, v in enumerate(value)]
