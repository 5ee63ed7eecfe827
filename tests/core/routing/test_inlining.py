"""Media by address: fetched only where the caller allows it and somebody needs the content."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from freetier import MediaPart, Message, NoCandidate, Router, TextPart
from freetier.routing.effects import Fetch
from freetier.testing import FakeProvider, Fleet, VirtualClock
from freetier.values.wire import Fetched

PIXEL = b"\x89PNG\r\n\x1a\n" + bytes(32)
URL = "https://pictures.test/secret-token/a.png"


class Fetching:
    """A fleet's transport that also gets media, from a table."""

    def __init__(self, inner: Any, found: Fetched | str) -> None:
        self.inner = inner
        self.found = found
        self.fetched: list[Fetch] = []
        self.sent: list[dict[str, Any]] = []

    def send(self, request: Any, timeouts: Any) -> Any:
        """Pass on, and keep the body."""
        self.sent.append(json.loads(request.body))
        return self.inner.send(request, timeouts)

    async def asend(self, request: Any, timeouts: Any) -> Any:
        """Pass on, and keep the body."""
        self.sent.append(json.loads(request.body))
        return await self.inner.asend(request, timeouts)

    def fetch(self, wish: Fetch) -> Fetched | str:
        """Note who was asked for."""
        self.fetched.append(wish)
        return self.found

    async def afetch(self, wish: Fetch) -> Fetched | str:
        """Note who was asked for."""
        return self.fetch(wish)

    def close(self) -> None:
        """Nothing is open."""

    async def aclose(self) -> None:
        """Nothing is open."""


def stage(
    *names: str, found: Fetched | str = "nobody is there"
) -> tuple[Router, Fetching, VirtualClock]:
    """Return a router over fakes of some vendors."""
    fleet = Fleet(*(FakeProvider(name) for name in names))
    clock = VirtualClock()
    transport = Fetching(fleet.transport(clock), found)
    return Router(fleet.config(), transport=transport, clock=clock), transport, clock


def asked(kind: str = "image", **about: Any) -> list[Message]:
    """Return a question about something at an address."""
    part = MediaPart(kind=kind, url=URL, **about)  # type: ignore[arg-type]
    return [Message(role="user", content=(TextPart("What is this?"), part))]


GEMINI = {"model": "gemini-3.5-flash-lite", "max_wait": None}
INLINE = {"mimeType": "image/png", "data": b64encode(PIXEL).decode()}


def test_nothing_is_fetched_without_permission() -> None:
    """Whoever needs the content is left out, and the reason names the option."""
    router, transport, _ = stage("gemini", found=Fetched(data=PIXEL, mime="image/png"))
    with pytest.raises(NoCandidate, match="fetch_media") as told:
        router.complete(asked(), **GEMINI)
    assert transport.fetched == transport.sent == []
    assert "secret-token" not in str(told.value)


@pytest.mark.parametrize("colour", ["thread", "task"])
def test_with_permission_the_content_goes_where_it_is_needed(colour: str) -> None:
    """Once, whatever the number of candidates."""
    router, transport, clock = stage("gemini", found=Fetched(data=PIXEL, mime="image/png"))
    if colour == "thread":
        router.complete(asked(), fetch_media=True, **GEMINI)
    else:
        clock.run(router.acomplete(asked(), fetch_media=True, **GEMINI))
    assert [(wish.url, wish.kind) for wish in transport.fetched] == [(URL, "image")]
    assert transport.sent[0]["contents"][0]["parts"][1] == {"inlineData": INLINE}


def test_a_router_may_be_permitted_once_for_all_requests() -> None:
    """And a request may still say no."""
    fleet, clock = Fleet(FakeProvider("gemini")), VirtualClock()
    transport = Fetching(fleet.transport(clock), Fetched(data=PIXEL, mime="image/png"))
    router = Router(fleet.config(), transport=transport, clock=clock, fetch_media=True)
    router.complete(asked(), **GEMINI)
    assert transport.sent[0]["contents"][0]["parts"][1] == {"inlineData": INLINE}
    with pytest.raises(NoCandidate, match="fetch_media"):
        router.complete(asked(), fetch_media=False, **GEMINI)
    assert len(transport.fetched) == 1


def test_whoever_takes_addresses_is_still_given_the_address() -> None:
    """And nobody fetches if all of them do."""
    router, transport, _ = stage("openrouter", found=Fetched(data=PIXEL, mime="image/png"))
    router.complete(asked(), model="vision", fetch_media=True, max_wait=None)
    assert transport.fetched == []
    assert transport.sent[0]["messages"][0]["content"][1]["image_url"]["url"] == URL
    router, transport, _ = stage("openrouter", "gemini", found=Fetched(data=PIXEL))
    router.complete(
        asked(), model="vision", fetch_media=True, max_wait=None, only=["openrouter", "gemini"]
    )
    assert len(transport.fetched) == 1
    sent = transport.sent[0]
    assert "messages" not in sent or sent["messages"][0]["content"][1]["image_url"]["url"] == URL


def test_what_could_not_be_had_is_told_with_its_host_only() -> None:
    """An address may hold a token."""
    router, _, _ = stage("gemini", found="pictures.test is not on the public network")
    with pytest.raises(NoCandidate) as told:
        router.complete(asked(), fetch_media=True, **GEMINI)
    said = str(told.value) + str(told.value.report.notes)
    assert "the image at pictures.test was not fetched: pictures.test is not on the" in said
    assert "secret-token" not in said


@pytest.mark.parametrize("kind", ["image", "audio"])
def test_with_permission_the_reason_is_why_it_was_not_fetched(kind: str) -> None:
    """Nobody is advised to give a permission that he gave."""
    router, _, _ = stage("gemini", found="nobody is there")
    with pytest.raises(NoCandidate) as told:
        router.complete(asked(kind), fetch_media=True, **GEMINI)
    (skip,) = told.value.report.skipped
    assert skip.detail == f"the {kind} at pictures.test was not fetched: nobody is there"
    assert "fetch_media" not in str(told.value)
    file = MediaPart(kind=kind, url="file:///etc/passwd")  # type: ignore[arg-type]
    with pytest.raises(NoCandidate) as told:
        router.complete([Message(role="user", content=(file,))], fetch_media=True, **GEMINI)
    (skip,) = told.value.report.skipped
    assert skip.detail == f"the {kind} is at no address of the web"


def test_one_address_twice_is_fetched_once_and_content_never() -> None:
    """Nor what is no address of the web."""
    router, transport, _ = stage("gemini", found=Fetched(data=PIXEL, mime="image/png"))
    given = MediaPart(kind="image", data=PIXEL)
    inside = MediaPart(kind="image", url=f"data:image/png;base64,{b64encode(PIXEL).decode()}")
    twice = MediaPart(kind="image", url=URL)
    talk = [Message(role="user", content=(twice, given, inside, twice))]
    router.complete(talk, fetch_media=True, **GEMINI)
    assert len(transport.fetched) == 1
    parts = transport.sent[0]["contents"][0]["parts"]
    assert [part["inlineData"] for part in parts] == [INLINE] * 4
