"""What cannot be sent is a clear error that names the place, before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from freetier import MediaPart, Message, NoCandidate, ResponseFormat, Router, TextPart, Tool
from freetier.errors import RouteError
from freetier.testing import FakeProvider, Fleet, VirtualClock


def stage(*names: str) -> tuple[Router, Fleet]:
    """Return a router over fakes of some vendors."""
    fleet, clock = Fleet(*(FakeProvider(name) for name in names)), VirtualClock()
    return Router(fleet.config(), transport=fleet.transport(clock), clock=clock), fleet


LOOP = {
    "type": "object",
    "properties": {"node": {"$ref": "#/$defs/node"}},
    "$defs": {
        "node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}},
    },
}


@pytest.mark.parametrize("where", ["tool", "answer"])
def test_a_schema_that_a_language_cannot_express_is_told_with_its_place(where: str) -> None:
    """Gemini has no schemas that go round; the path into the schema is named."""
    router, fleet = stage("gemini")
    given: dict[str, Any] = {"response_format": ResponseFormat(kind="json_schema", schema=LOOP)}
    if where == "tool":
        given = {"tools": [Tool(name="walk", parameters=LOOP)]}
    with pytest.raises(RouteError) as told:
        router.complete("Hi", model="gemini-3.5-flash-lite", max_wait=0, **given)
    place = "walk" if where == "tool" else "response_format.schema"
    assert place in str(told.value)
    assert "node" in str(told.value)
    assert fleet.books.entries == ()


@pytest.mark.parametrize(
    ("kind", "mime", "word"),
    [("image", "image/png", "vision"), ("audio", "audio/mpeg", "audio"),
     ("video", "video/mp4", "video"), ("file", "application/pdf", "files")],
)  # fmt: skip
def test_media_that_no_candidate_takes_are_told_by_their_kind(
    kind: Any, mime: str, word: str
) -> None:
    """A model that reads only cannot see or hear."""
    router, fleet = stage("groq")
    part = MediaPart(kind=kind, data=b"0", mime=mime)
    talk = [Message(role="user", content=(TextPart("What is this?"), part))]
    with pytest.raises(NoCandidate, match=f"no {word}") as told:
        router.complete(talk, model="gpt-oss-20b", max_wait=0)
    assert told.value.report.skipped
    assert fleet.books.entries == ()


def test_a_text_too_long_for_every_context_is_told_with_the_sizes() -> None:
    """The caller learns how much there is room for."""
    fleet, clock = Fleet(FakeProvider("mine", "generic")), VirtualClock()
    config = fleet.config()
    config["accounts"][0]["models"] = [{"id": "m", "context": 4096}, {"id": "n", "context": 8192}]
    config["aliases"] = {"both": ["m", "n"]}
    router = Router(config, transport=fleet.transport(clock), clock=clock)
    with pytest.raises(RouteError, match=r"a context of 4096 for about \d{5} tokens") as told:
        router.complete("word " * 40_000, model="both", max_wait=0)
    assert "a context of 8192" in str(told.value)
    assert fleet.books.entries == ()


def test_a_kind_of_sound_that_nobody_knows_is_told() -> None:
    """By its type, where the model could hear."""
    fleet, clock = Fleet(FakeProvider("mine", "generic")), VirtualClock()
    config = fleet.config()
    config["accounts"][0]["models"] = [{"id": "m", "capabilities": ["audio"]}]
    router = Router(config, transport=fleet.transport(clock), clock=clock)
    part = MediaPart(kind="audio", data=b"0", mime="audio/x-unheard")
    with pytest.raises(RouteError, match="audio/x-unheard"):
        router.complete([Message(role="user", content=(part,))], model="m", max_wait=0)
    assert fleet.books.entries == ()


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"data": b"II*\0", "mime": "image/tiff"}, "an image of the type 'image/tiff' cannot"),
        ({"data": b"II*\0"}, "an image of the type 'image/tiff' cannot be sent"),
        ({"data": b"0000ftypavif"}, "an image of the type 'image/avif' cannot be sent"),
        ({"data": b"<svg/>", "mime": "image/svg+xml"}, "png, webp can"),
        ({"data": b"who knows"}, "type"),
    ],
)
@pytest.mark.parametrize(
    ("vendor", "model"),
    [("gemini", "gemini-3.5-flash-lite"), ("openrouter", "thinkingmachines/inkling:free")],
)
def test_an_image_of_a_kind_that_nobody_takes_is_told(
    vendor: str, model: str, about: dict[str, Any], said: str
) -> None:
    """By its type, where the model sees."""
    router, fleet = stage(vendor)
    talk = [Message(role="user", content=(MediaPart(kind="image", **about),))]
    with pytest.raises(NoCandidate, match=said):
        router.complete(talk, model=model, max_wait=0)
    assert fleet.books.entries == ()
    png = MediaPart(kind="image", data=b"\x89PNG")
    assert router.complete([Message(role="user", content=(png,))], model=model, max_wait=None).text
