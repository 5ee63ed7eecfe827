"""Frozen values are the same whoever wrote their `__init__`, and unfold as the standard's do."""

from __future__ import annotations

import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass, field, replace

import pytest

from freetier.values.chat import FinishReason, Usage
from freetier.values.quick import changed, maker, quick, unfolded
from freetier.values.reports import Attempt, RouteReport, Skipped


@quick
@dataclass(frozen=True, slots=True)
class Place:
    """Given by position, with a default and a default that is made."""

    row: int
    seat: int = 7
    marks: dict[str, int] = field(default_factory=dict)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Given by name, one of them the name of what writes it."""

    self_: int
    unset: str = "unset"
    marks: list[int] = field(default_factory=list)


def test_fields_come_as_they_were_given_or_as_they_are_by_default() -> None:
    """A field is what was given, or its default, made anew where it is made."""
    assert (Place(1).row, Place(1).seat, Place(1).marks) == (1, 7, {})
    assert Place(1, 2, {"a": 3}) == Place(row=1, seat=2, marks={"a": 3})
    assert (Named(self_=4).unset, Named(self_=4, unset="x").unset) == ("unset", "x")
    assert Place(1).marks is not Place(1).marks
    assert Named(self_=1, marks=[2]).marks == [2]
    assert Named(self_=1).marks == []


@pytest.mark.parametrize("given", [{}, {"self_": 1, "other": 2}])
def test_what_is_missing_or_too_much_is_an_error(given: dict[str, int]) -> None:
    """An argument that is missing or unknown is an error with the class's name."""
    with pytest.raises(TypeError, match="Named"):
        Named(**given)  # type: ignore[arg-type]


def test_names_are_asked_for_by_name() -> None:
    """What goes by name does not go by position."""
    with pytest.raises(TypeError, match="positional"):
        Named(1)  # type: ignore[call-arg]


def test_it_stays_frozen() -> None:
    """Nothing can be set afterwards."""
    with pytest.raises(FrozenInstanceError):
        Place(1).row = 2  # type: ignore[misc]


def test_it_travels_and_is_copied() -> None:
    """Pickles and copies are equal to what they were made of."""
    place = Place(1, marks={"a": 1})
    assert pickle.loads(pickle.dumps(place)) == place  # noqa: S301 - our own
    assert copy.deepcopy(place) == replace(place) == changed(place) == place
    assert changed(place, seat=9) == replace(place, seat=9) != place


def test_a_maker_makes_what_the_class_makes() -> None:
    """Equal, of the same class, frozen, and picky about the same arguments."""
    place, named = maker(Place), maker(Named)
    assert place(1) == Place(1)
    assert place(1, 2, {"a": 3}) == Place(row=1, seat=2, marks={"a": 3})
    assert named(self_=4) == Named(self_=4)
    assert type(place(1)) is Place
    skipped = {"candidate": "a", "reason": "b"}
    assert hash(maker(Skipped)(**skipped)) == hash(Skipped(**skipped))
    assert place(1).marks is not place(1).marks
    made = place(1)
    with pytest.raises(FrozenInstanceError):
        made.row = 2  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(made)) == copy.copy(made) == made  # noqa: S301 - our own
    assert inspect.signature(place) == inspect.signature(Place).replace(
        return_annotation=inspect.signature(place).return_annotation
    )
    for wrong in ({}, {"self_": 1, "other": 2}):
        with pytest.raises(TypeError):
            named(**wrong)


def test_what_is_changed_is_frozen_and_of_the_same_class() -> None:
    """A field that the class has not is an error, as by `replace`."""
    made = changed(Place(1), seat=9)
    assert type(made) is Place
    with pytest.raises(FrozenInstanceError):
        made.row = 2  # type: ignore[misc]
    with pytest.raises(TypeError, match="other"):
        changed(made, other=1)


def test_its_signature_is_that_of_the_dataclass() -> None:
    """Tools see the same arguments as before."""

    @dataclass(frozen=True, slots=True)
    class Place:
        row: int
        seat: int = 7
        marks: dict[str, int] = field(default_factory=dict)

    before = str(inspect.signature(Place))
    assert str(inspect.signature(quick(Place))) == before


def test_a_class_that_is_more_than_its_slots_is_refused() -> None:
    """What the faster way would get wrong is no class for it."""

    @dataclass(frozen=True)
    class Open:
        row: int

    @dataclass(frozen=True, slots=True)
    class Counted:
        row: int
        twice: int = field(init=False)

        def __post_init__(self) -> None:
            object.__setattr__(self, "twice", 2 * self.row)

    for made in (Open, Counted):
        for quicker in (quick, maker):
            with pytest.raises(TypeError, match="more than slots"):
                quicker(made)


def test_a_report_unfolds_as_by_the_standard_library() -> None:
    """The plain form is that of the standard library, and nobody's to change but the caller's."""
    used = Usage(input_tokens=3, output_tokens=4, total_tokens=7)
    report = RouteReport(
        request_id="r",
        alias="best",
        usage=used,
        attempts=(
            Attempt(
                candidate="a/m",
                provider="p",
                account="a",
                model="m",
                started_at=0.0,
                ended_at=1.5,
                usage=used,
            ),
        ),
        skipped=(Skipped(candidate="b/m", reason="paid", detail="no"),),
        skipped_more={"lacks": 2},
        finish_reason=FinishReason.STOP,
        tags=("x",),
    )
    found, wanted = unfolded(report), asdict(report)
    assert found == wanted
    assert list(found) == list(wanted)
    assert type(found["attempts"]) is type(wanted["attempts"]) is tuple
    found["skipped_more"]["lacks"] = 5
    assert report.skipped_more == {"lacks": 2}
