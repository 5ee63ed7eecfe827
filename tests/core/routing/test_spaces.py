"""Which vectors may stand side by side."""

from __future__ import annotations

from typing import Any

import pytest

from freetier.errors import ConfigError
from freetier.routing.resolve import resolve
from freetier.routing.spaces import VECTORS, Pinned, Spaces, complaint, pin, shortened, space_of
from freetier.values.accounts import Alias, Step
from freetier.values.models import Capability, Model
from freetier.values.quirks import Quirks
from freetier.values.vectors import Space
from tests.core.routing.setups import candidate, index, model, provider

SPACE = Space(model="bge", family="bge", dimensions=2, normalised=True)


def _vectors(id: str, **more: Any) -> Model:  # noqa: A002 - the field's name
    facts = {"capabilities": frozenset({Capability.EMBEDDINGS}), "dimensions": 4, "family": "bge"}
    return model(id, **{"canonical": "bge", "normalised": True, **facts, **more})


def _pinned(one: Model, other: Model, *, name: str = "bge", strict: bool = False) -> Pinned:
    steps = (Step(model="one/a"), Step(model="two/b"))
    quirks = Quirks(task_field="input_type")
    hosts = (provider("one", one, quirks=quirks), provider("two", other, quirks=quirks))
    found = index(*hosts, Alias(name="both", steps=steps))
    return pin(resolve(found, name), strict=strict)


def test_hosts_of_one_model_share_a_space() -> None:
    """The same canonical model with the same facts may answer from both."""
    pinned = _pinned(_vectors("a"), _vectors("b"))

    assert [c.key for c in pinned.resolved.candidates] == ["one-1/a", "two-1/b"]
    assert pinned.space == Space(model="bge", family="bge", dimensions=4, normalised=True)


@pytest.mark.parametrize(
    "difference",
    [{"dimensions": 8}, {"dimensions": None}, {"normalised": None}, {"revision": "2"},
     {"tasks": "query/passage"}, {"family": "bge-large"}],
    ids=lambda difference: next(iter(difference)),
)  # fmt: skip
def test_a_host_that_is_not_listed_as_equal_does_not_join(difference: dict[str, Any]) -> None:
    """By the model's own name the others are left out, and the report says so."""
    pinned = _pinned(_vectors("a"), _vectors("b", **difference))

    assert [c.key for c in pinned.resolved.candidates] == ["one-1/a"]
    assert pinned.resolved.notes[-1].startswith("two-1/b is left out")


@pytest.mark.parametrize(
    "difference", [{"canonical": "e5"}, {"dimensions": 8}, {"tasks": "query/passage"}], ids=str
)
def test_an_alias_over_two_spaces_is_refused(difference: dict[str, Any]) -> None:
    """Nobody's index is mixed because an alias was written in a hurry."""
    with pytest.raises(ConfigError, match="'both' mixes vectors that cannot be compared"):
        _pinned(_vectors("a"), _vectors("b", **difference), name="both", strict=True)


def test_an_alias_with_a_chat_model_is_refused() -> None:
    """A model that makes text has no place there."""
    with pytest.raises(ConfigError, match="two-1/b makes text"):
        _pinned(_vectors("a"), model("b"), name="both", strict=True)


def test_a_chat_model_makes_no_vectors() -> None:
    """The error says so before anything is sent."""
    with pytest.raises(ConfigError, match="'mod' is no embedding model"):
        pin(resolve(index(provider("one", model("mod"))), "mod"), strict=False)


def test_a_name_is_pinned_once() -> None:
    """The same meaning gives the same candidates, so that lineups are kept."""
    spaces = Spaces()
    source = resolve(index(provider("one", _vectors("a"))), "bge")

    assert spaces.pinned(source, strict=False) is spaces.pinned(source, strict=False)


def test_the_first_vector_tells_what_the_catalog_does_not_know() -> None:
    """Size and length hold for all later ones; a second telling changes nothing."""
    spaces, unknown = Spaces(), Space(model="new", family="new")
    assert spaces.known(unknown) is unknown

    spaces.learn(unknown, (0.6, 0.8))
    spaces.learn(unknown, (3.0, 4.0, 5.0))

    known = spaces.known(unknown)
    assert (known.dimensions, known.normalised) == (2, True)
    assert unknown.agrees(known)


def test_shorter_vectors_are_another_space() -> None:
    """Of what length they are is not known before the first one."""
    assert shortened(SPACE, 2) is SPACE
    assert shortened(SPACE, None) is SPACE
    short = shortened(SPACE, 1)
    assert (short.dimensions, short.normalised) == (1, None)
    assert not short.agrees(SPACE)


@pytest.mark.parametrize(
    ("vectors", "words"),
    [
        (((1.0, 0.0),), "1 vectors came for 2 texts"),
        (((1.0, 0.0, 0.0), (1.0, 0.0, 0.0)), "vectors of 3 dimensions, where 2 is right"),
        (((1.0, 0.0), (1.0,)), "vectors of 1, 2 dimensions"),
        (((3.0, 4.0), (1.0, 0.0)), "length 5.000, where 1 is right"),
        (((0.0, 0.0), (1.0, 0.0)), "without direction"),
        (((float("inf"), 0.0), (1.0, 0.0)), "without direction"),
        (((0.6, 0.8), (0.0, 1.0)), ""),
    ],
)
def test_vectors_of_another_space_are_told(vectors: Any, words: str) -> None:
    """Number, size, length and direction are looked at."""
    found = complaint(SPACE, vectors, 2)
    assert words in found
    assert bool(words) == bool(found)


def test_a_space_can_be_kept_beside_an_index() -> None:
    """Its plain values make it again, and its text says what it is."""
    assert Space(**SPACE.as_dict()) == SPACE
    assert str(SPACE) == "bge, 2 dimensions, length 1"
    assert _pinned(_vectors("a", family=""), _vectors("b", family="")).space.family == "bge"


def test_a_task_that_a_host_cannot_be_told_is_no_part_of_its_space() -> None:
    """The same model there makes vectors without tasks, which are other ones."""
    tasks = {"canonical": "m", "tasks": "query/passage", "capabilities": VECTORS}
    told = candidate(quirks=Quirks(task_field="input_type"), **tasks)

    assert space_of(told).tasks == "query/passage"
    assert not space_of(candidate(**tasks)).agrees(space_of(told))
