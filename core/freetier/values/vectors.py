"""Texts that shall become vectors, and the space that vectors live in.

RULE: vectors of different spaces never meet; a router that mixed them would spoil an
index without anybody being told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Vector = tuple[float, ...]

Task = Literal["query", "document"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """Where the vectors of a model live; those of two spaces must not be compared.

    Attributes:
        model: The canonical name of the model.
        family: As the catalog calls it, or the canonical name.
        revision: Of the model, where it has several; empty if nobody tells them apart.
        dimensions: Numbers in a vector; `None` until the first one has come.
        normalised: Whether vectors have length 1; `None` until the first one has come.
        tasks: How queries and documents are told apart; empty if they are not.
    """

    model: str
    family: str
    revision: str = ""
    dimensions: int | None = None
    normalised: bool | None = None
    tasks: str = ""

    def agrees(self, other: Space) -> bool:
        """Tell whether another may be the same space; what is not known yet contradicts nothing."""
        named = (self.model, self.family, self.revision, self.tasks)
        return (
            named == (other.model, other.family, other.revision, other.tasks)
            and _agree(self.dimensions, other.dimensions)
            and _agree(self.normalised, other.normalised)
        )

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, to be kept beside an index; `Space(**kept)` makes it again."""
        return asdict(self)

    def __str__(self) -> str:
        size = "?" if self.dimensions is None else self.dimensions
        length = {True: "length 1", False: "any length", None: "length not known"}
        words = [self.model, self.revision, f"{size} dimensions", length[self.normalised]]
        words.append(f"tasks by {self.tasks}" if self.tasks else "")
        return ", ".join(word for word in words if word)


def _agree(one: object, other: object) -> bool:
    return one is None or other is None or one == other


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedRequest:
    """Texts to be made vectors, as many as go into one call of a provider.

    Attributes:
        model: A canonical embedding model, an alias of it, or a provider's id.
        inputs: The texts.
        dimensions: Numbers wanted in a vector; `None` leaves it to the model.
        task: What the vectors are for; a model without tasks takes all texts alike.
    """

    model: str = ""
    inputs: tuple[str, ...] = field(default=(), repr=False)
    dimensions: int | None = None
    task: Task | None = None


@dataclass(frozen=True, slots=True)
class Embedder:
    """A function that makes vectors here, and what is known of them.

    Attributes:
        embed: Takes a list of texts and returns a vector for each, in their order.
        dimensions: Numbers in a vector; `None` until the first one has come.
        normalised: Whether vectors have length 1; `None` until the first one has come.
        batch_max: Texts per call.
        model, family, revision: Of the space, where hosts of the same model may stand in; the
            name it is given otherwise.
    """

    embed: Callable[..., Any]
    dimensions: int | None = None
    normalised: bool | None = None
    batch_max: int | None = None
    model: str = ""
    family: str = ""
    revision: str = ""
