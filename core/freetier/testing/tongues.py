"""The languages that fake providers speak: how each is heard, checked and answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from freetier.testing import gemini, shapes
from freetier.testing.arrival import Call, Hear, hear
from freetier.testing.jsons import Json
from freetier.testing.shapes import Event, Turn
from freetier.testing.strict import check_chat, check_embeddings
from freetier.testing.styles.form import FieldRules, Style


class Checked(Protocol):
    """Refuses a chat request, or returns it in the shape that fake models read."""

    def __call__(self, call: Call, rules: FieldRules, *, strict: bool) -> Json:
        """Return the request as OpenAI's language has it.

        Raises:
            Rejection: the vendor would not take it.
        """


class Texts(Protocol):
    """Refuses a request for vectors, or returns it in OpenAI's shape."""

    def __call__(self, call: Call, *, strict: bool) -> Json:
        """Return the request as OpenAI's language has it.

        Raises:
            Rejection: the vendor would not take it.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongue:
    """One language.

    Args:
        hear: reads a request.
        checked: checks a chat request, and puts it into the shape that models read.
        whole: a whole answer.
        events: a streamed one.
        texts: checks a request for vectors, and puts it into OpenAI's shape.
        vectors: an answer of vectors, out of OpenAI's shape.
        listing: the list of models, from the style, their ids and the path.
    """

    hear: Hear
    checked: Checked
    whole: Callable[[Turn], Json]
    events: Callable[[Turn], list[Event]]
    texts: Texts
    vectors: Callable[[Json], Json]
    listing: Callable[[Style, Sequence[str], str], Json]


def _checked(call: Call, rules: FieldRules, *, strict: bool) -> Json:
    check_chat(call.body, rules, strict=strict)
    return call.body


def _texts(call: Call, *, strict: bool) -> Json:  # noqa: ARG001 - one rule for all
    check_embeddings(call.body)
    return call.body


TONGUES: Mapping[str, Tongue] = MappingProxyType(
    {
        "openai": Tongue(
            hear=hear,
            checked=_checked,
            whole=shapes.whole_json,
            events=shapes.stream_events,
            texts=_texts,
            vectors=lambda answer: answer,
            listing=shapes.list_json,
        ),
        "gemini": Tongue(
            hear=gemini.hear,
            checked=gemini.checked,
            whole=gemini.whole_json,
            events=gemini.stream_events,
            texts=gemini.texts,
            vectors=gemini.vectors_json,
            listing=gemini.list_json,
        ),
    }
)
"""Every language by its name in a style."""
