"""Where in the user's own words something stands, and how it is spoken of in an error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from freetier.errors import ConfigError

LONGEST_QUOTE = 60
KEY_LIKE = re.compile(r"[A-Za-z0-9]{20,}|^sk-|^AIza")


@dataclass(frozen=True, slots=True)
class Place:
    """A file, a set of variables or the arguments, and the key path within it.

    Attributes:
        where: The file or what else it is.
        path: The key path, in the user's own spelling.
        tree: What stands there, only to know the spelling of the keys below.
    """

    where: str
    path: str = ""
    tree: Any = field(default=None, repr=False, compare=False)

    def at(self, *keys: str | int) -> Place:
        """Return the place below this one: a word is a key in snake_case, a number an index."""
        path, tree = self.path, self.tree
        for key in keys:
            spelt, tree = _below(tree, key)
            if isinstance(spelt, int):
                path += f"[{spelt}]"
            else:
                path += f".{shown(spelt)}" if path else shown(spelt)
        return Place(self.where, path, tree)

    def error(self, message: str) -> ConfigError:
        """Return an error that names this place."""
        return ConfigError(message, where=self.where, path=self.path or None)


def _below(tree: Any, key: str | int) -> tuple[str | int, Any]:  # noqa: ANN401 - the user's tree
    if isinstance(tree, Mapping):
        if key in tree:
            return key, tree[key]
        spellings = (k for k in tree if snake(str(k)) == key)
        spelt = next(spellings, None)
        return (key, None) if spelt is None else (str(spelt), tree[spelt])
    if isinstance(tree, (list, tuple)) and isinstance(key, int) and key < len(tree):
        return key, tree[key]
    return key, None


def quoted(text: str) -> str:
    """Return a name in quotes for an error; what may be a key put in the wrong place is hidden."""
    return repr(shown(text))


def shown(text: str) -> str:
    """Return a name for an error, bounded; what may be a key is hidden."""
    digits = any(c.isdigit() for c in text)
    if KEY_LIKE.search(text) and (digits or len(text) > LONGEST_QUOTE):
        return "***"
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"


def nearest(name: str, choices: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the nearest of the choices, or nothing."""
    import difflib  # noqa: PLC0415 - only errors need it

    by_folded = {choice.casefold(): choice for choice in choices}
    found = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return f"; did you mean {by_folded[found[0]]!r}?" if found else ""


def listed(names: Iterable[str], *, most: int = 40) -> str:
    """Return names as a readable list, cut after `most`."""
    every = sorted(names)
    rest = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + rest


def snake(key: str) -> str:
    """Return a key in snake_case: `apiKey` is `api_key`; what has no capitals is as it was."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: "_" + found[1].lower(), key)
