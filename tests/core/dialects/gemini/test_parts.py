"""Media as Gemini's parts."""

from __future__ import annotations

import pytest

from freetier.dialects.gemini.parts import wire_parts
from freetier.values.chat import MediaPart, TextPart

UPLOADED = "https://generativelanguage.googleapis.com/v1beta/files/abc-123"
FILM = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (MediaPart(kind="file", url=UPLOADED), {"fileData": {"fileUri": UPLOADED}}),
        (
            MediaPart(kind="image", url=UPLOADED, mime="image/png"),
            {"fileData": {"fileUri": UPLOADED, "mimeType": "image/png"}},
        ),
        (MediaPart(kind="video", url=FILM), {"fileData": {"fileUri": FILM}}),
        (
            MediaPart(kind="audio", data=b"abc", mime="audio/wav; rate=16000"),
            {"inlineData": {"mimeType": "audio/wav", "data": "YWJj"}},
        ),
    ],
)
def test_what_google_holds_has_an_address_and_all_else_its_bytes(part, expected):
    """Uploaded files and public films are fetched by Google itself."""
    assert wire_parts((part,)) == [expected]


@pytest.mark.parametrize(
    ("part", "complaint"),
    [
        (MediaPart(kind="image", url="https://x.test/a.png"), "by content only"),
        (MediaPart(kind="image", url=FILM), "by content only"),
        (MediaPart(kind="file", url="https://generativelanguage.googleapis.com.evil.test/a"),
         "by content only"),
        (MediaPart(kind="image", data=b"who knows"), "must tell its type"),
        (MediaPart(kind="file"), "neither an address nor content"),
    ],
)  # fmt: skip
def test_other_addresses_and_unknown_bytes_cannot_be_said(part, complaint):
    """Nothing is fetched, and no type is guessed."""
    with pytest.raises(ValueError, match=complaint):
        wire_parts((part,))


def test_empty_texts_are_left_out():
    """Gemini refuses a part without data."""
    assert wire_parts((TextPart(""), TextPart("a"))) == [{"text": "a"}]
    assert wire_parts("") == []
