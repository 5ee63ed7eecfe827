"""Texts and media in the words of the OpenAI language."""

from __future__ import annotations

from base64 import b64encode

import pytest

from freetier.dialects.openai.parts import media_of, text_of, wire_content
from freetier.values.chat import MediaPart, TextPart
from freetier.values.quirks import Quirks

PNG = b"\x89PNG\r\n\x1a\n"
QUIRKS = Quirks()


def said(*parts, **quirks):
    """Return the wire form of these parts."""
    return wire_content(parts, Quirks(**quirks))


def uri(mime: str, data: bytes) -> str:
    """Return content as an address."""
    return f"data:{mime};base64,{b64encode(data).decode()}"


def test_text_alone_is_a_plain_text():
    """Arrays are sent only where there is more than text: some models take none."""
    assert wire_content("hi", QUIRKS) == "hi"
    assert said(TextPart("a"), TextPart("b")) == "a\nb"
    assert said() == ""


def test_text_and_media_are_told_apart():
    """A provider that takes text only is given the words."""
    image = MediaPart(kind="image", url="https://x.test/a.png")
    assert text_of((TextPart("a"), image)) == "a"
    assert media_of((TextPart("a"), image)) == (image,)
    assert media_of("a") == ()


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (MediaPart(kind="image", url="https://x.test/a.png"),
         {"type": "image_url", "image_url": {"url": "https://x.test/a.png"}}),
        (MediaPart(kind="image", url="https://x.test/a.png", detail="low"),
         {"type": "image_url", "image_url": {"url": "https://x.test/a.png", "detail": "low"}}),
        (MediaPart(kind="image", data=PNG, mime="image/webp"),
         {"type": "image_url", "image_url": {"url": uri("image/webp", PNG)}}),
        (MediaPart(kind="image", data=PNG),
         {"type": "image_url", "image_url": {"url": uri("image/png", PNG)}}),
        (MediaPart(kind="image", data=b"RIFF0000WEBPVP8"),
         {"type": "image_url", "image_url": {"url": uri("image/webp", b"RIFF0000WEBPVP8")}}),
        (MediaPart(kind="audio", data=b"x", mime="audio/mpeg"),
         {"type": "input_audio", "input_audio": {"data": "eA==", "format": "mp3"}}),
        (MediaPart(kind="audio", data=b"x", mime="audio/x-wav"),
         {"type": "input_audio", "input_audio": {"data": "eA==", "format": "wav"}}),
        (MediaPart(kind="audio", data=b"x", mime="audio/ogg; codecs=opus"),
         {"type": "input_audio", "input_audio": {"data": "eA==", "format": "ogg"}}),
        (MediaPart(kind="audio", url=uri("audio/wav", b"x")),
         {"type": "input_audio", "input_audio": {"data": "eA==", "format": "wav"}}),
        (MediaPart(kind="audio", data=b"ID3x"),
         {"type": "input_audio", "input_audio": {"data": "SUQzeA==", "format": "mp3"}}),
        (MediaPart(kind="video", url="https://x.test/a.mp4"),
         {"type": "video_url", "video_url": {"url": "https://x.test/a.mp4"}}),
        (MediaPart(kind="file", data=b"%PDF", name="a.pdf"),
         {"type": "file", "file": {"filename": "a.pdf",
                                   "file_data": uri("application/pdf", b"%PDF")}}),
        (MediaPart(kind="file", data=b"%PDF"),
         {"type": "file", "file": {"filename": "file.pdf",
                                   "file_data": uri("application/pdf", b"%PDF")}}),
        (MediaPart(kind="file", data="hé".encode(), mime="text/plain", name="a.txt"),
         {"type": "text", "text": "hé"}),
    ],
)  # fmt: skip
def test_each_kind_of_media_has_its_form(part, expected):
    """By address or content; formats by OpenAI's names; plain files as text."""
    assert said(part) == [expected]


def test_empty_texts_beside_media_are_left_out():
    """Providers refuse empty parts."""
    image = MediaPart(kind="image", url="https://x.test/a.png")
    assert [part["type"] for part in said(TextPart(""), image, TextPart("a"))] == [
        "image_url",
        "text",
    ]


def test_a_provider_that_fetches_nothing_is_given_no_address():
    """An address is refused with a readable text; content is fine."""
    with pytest.raises(ValueError, match="by content only"):
        said(MediaPart(kind="image", url="https://x.test/a.png"), image_urls=False)
    assert said(MediaPart(kind="image", data=PNG), image_urls=False)
    assert said(MediaPart(kind="image", url=uri("image/png", PNG)), image_urls=False)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (MediaPart(kind="image"), "neither an address nor content"),
        (MediaPart(kind="audio", url="https://x.test/a.mp3"), "audio by content only"),
        (MediaPart(kind="audio", data=b"x", mime="audio/midi"), "audio/midi"),
        (MediaPart(kind="audio", data=b"x"), "octet-stream"),
        (MediaPart(kind="file", url="https://x.test/a.pdf"), "file by content only"),
        (MediaPart(kind="file", url="data:text/plain,hello"), "file by content only"),
    ],
)
def test_what_cannot_be_said_is_told(part, words):
    """The text names what is wrong."""
    with pytest.raises(ValueError, match=words):
        said(part)
