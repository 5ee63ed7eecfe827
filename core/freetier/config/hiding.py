"""What variables hold does not come out in words about the configuration that names them.

`provider: ${GROQ_API_KEY}` is a slip, and whoever says so must not say the key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from freetier.config.expansion import PATTERN
from freetier.errors import FreetierError

if TYPE_CHECKING:
    from freetier.values.setup import Setup

SHORTEST = 6
"""Characters; what is shorter is no key, and hiding it would garble the words."""


class Hiding:
    """Puts `${NAME}` for what the variables of some trees hold, in errors that leave and in texts.

    Args:
        trees: What may name variables: mappings, lists and scalars, or `None`.
        environ: The variables.
    """

    __slots__ = ("_values",)

    def __init__(self, trees: tuple[object, ...], environ: Mapping[str, str]) -> None:
        names = {found[1] for tree in trees for found in PATTERN.finditer(repr(tree))}
        held = ((environ.get(name, ""), name) for name in names)
        self._values = sorted(((v, n) for v, n in held if len(v) >= SHORTEST), reverse=True)

    def text(self, text: str) -> str:
        """Return a text without the variables' values, also as Python would quote them."""
        for value, name in self._values:
            for form in (value, repr(value)[1:-1]):
                text = text.replace(form, f"${{{name}}}")
        return text

    def setup(self, setup: Setup) -> Setup:
        """Return a configuration whose warnings say no value."""
        return replace(setup, warnings=tuple(map(self.text, setup.warnings)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not isinstance(error, FreetierError):
            return
        error.args = tuple(self._hidden(one) for one in error.args)
        for name, value in list(vars(error).items()):
            setattr(error, name, self._hidden(value))

    def _hidden(self, value: Any) -> Any:  # noqa: ANN401 - what an error carries
        if isinstance(value, tuple):
            return tuple(self._hidden(one) for one in value)
        return self.text(value) if isinstance(value, str) else value
