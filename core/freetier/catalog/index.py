"""Which providers there are, and which variables hold their keys: one small file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_FILE = "index.yaml"


@dataclass(frozen=True, slots=True)
class Index:
    """The providers by name, without reading their files.

    Attributes:
        keys: The variables that bring a provider in when they are set.
        spellings: All names of a provider, written plainly, and the one that the catalog uses.
    """

    keys: Mapping[str, tuple[str, ...]]
    spellings: Mapping[str, str] = field(repr=False)

    @staticmethod
    def read(root: Traversable) -> Index:
        """Return the index of a catalog's folder.

        Raises:
            ConfigError: The file is no YAML.
        """
        from freetier.catalog.files import read_yaml  # noqa: PLC0415 - loads YAML

        rows: Mapping[str, Any] = read_yaml(root.joinpath(_FILE).read_text("utf-8"), _FILE)
        keys = {name: tuple(row.get("keys", ())) for name, row in rows.items()}
        spellings = {
            plain(spelling): name
            for name, row in rows.items()
            for spelling in (name, *row.get("other_names", ()))
        }
        return Index(keys, spellings)

    def canonical(self, name: str) -> str | None:
        """Return the catalog's name of a provider, `None` if it has none such."""
        return self.spellings.get(plain(name))


def plain(name: str) -> str:
    """Return a name without case, spaces and punctuation: `LM Studio` is `lm-studio`."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())
