"""Blocks as parts: of every kind, from every source, and those that cannot be sent."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from llama_index.core.base.llms.types import (
    AudioBlock,
    CacheControl,
    CachePoint,
    CitableBlock,
    CitationBlock,
    DocumentBlock,
    ImageBlock,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
    VideoBlock,
)

from freetier import ConfigError, MediaPart, TextPart
from freetier_llamaindex._blocks import parts, thoughts

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)
WAVE = b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00"
PAPER = b"%PDF-1.7\n\xff\xfe and more"


def read(*blocks: Any) -> tuple[Any, ...]:
    """Read blocks of one message."""
    return parts(blocks, "messages[0]")


def test_text_is_text_and_nothing_is_nothing() -> None:
    """Text blocks become text parts; an empty one says nothing."""
    assert read(TextBlock(text="Hello"), TextBlock(text="")) == (TextPart("Hello"),)


@pytest.mark.parametrize("source", ["bytes", "path", "data url", "stream"])
def test_an_image_is_read_from_every_source(source: str, tmp_path: Path) -> None:
    """Bytes, a path, a data address and an open file give the same part."""
    path = tmp_path / "pixel.png"
    path.write_bytes(PIXEL)
    address = f"data:image/png;base64,{b64encode(PIXEL).decode()}"
    block = {
        "bytes": lambda: ImageBlock(image=PIXEL),
        "path": lambda: ImageBlock(path=path),
        "data url": lambda: ImageBlock(url=address),
        "stream": lambda: ImageBlock(image=BytesIO(PIXEL), image_mimetype="image/png"),
    }[source]()

    assert read(block) == read(block) == (MediaPart(kind="image", data=PIXEL, mime="image/png"),)


def test_an_address_is_passed_on_and_not_fetched() -> None:
    """An image that lies elsewhere keeps its address and its detail."""
    (part,) = read(ImageBlock(url="https://example.com/cat.jpg", detail="high"))

    assert part == MediaPart(
        kind="image", url="https://example.com/cat.jpg", mime="image/jpeg", detail="high"
    )


def test_a_sound_says_its_format() -> None:
    """The format of an audio block, told or seen, becomes a media type."""
    assert read(AudioBlock(audio=WAVE, format="mp3"))[0].mime == "audio/mp3"
    assert read(AudioBlock(audio=WAVE))[0] == MediaPart(kind="audio", data=WAVE, mime="audio/wav")


def test_a_film_is_a_part_too() -> None:
    """A video block becomes a part; who cannot watch it is left out by the router."""
    (part,) = read(VideoBlock(video=b"\x00\x00\x00\x18ftypmp42", video_mimetype="video/mp4"))

    assert (part.kind, part.mime) == ("video", "video/mp4")


def test_a_document_has_its_name_and_its_type(tmp_path: Path) -> None:
    """A document is named by its title, else its file, and what can be read is plain text."""
    path = tmp_path / "notes.md"
    path.write_text("# Notes")

    assert read(DocumentBlock(data=PAPER, title="Paper")) == (
        MediaPart(kind="file", data=PAPER, mime="application/pdf", name="Paper"),
    )
    assert read(DocumentBlock(path=path)) == (
        MediaPart(kind="file", data=b"# Notes", mime="text/markdown", name="notes.md"),
    )
    assert read(DocumentBlock(data=b"just words?")) == (
        MediaPart(kind="file", data=b"just words?", mime="text/plain"),
    )


def test_citable_text_keeps_its_source() -> None:
    """What may be cited comes with title and source; what was cited is said as it is."""
    citable = CitableBlock(title="Weather", source="yr.no", content="It rains.")
    citation = CitationBlock(
        cited_content="It rains.", source="yr.no", title="Weather", additional_location_info={}
    )

    assert read(citable) == (TextPart("Weather (yr.no):"), TextPart("It rains."))
    assert read(citation) == (TextPart("It rains."),)


def test_what_is_no_part_is_left_out() -> None:
    """Thoughts and calls travel apart; a mark for a cache is read by nobody."""
    cache = CachePoint(cache_control=CacheControl(type="ephemeral"))
    thinking = ThinkingBlock(content="Hm.")

    assert read(cache, thinking, ToolCallBlock(tool_name="add")) == ()
    assert thoughts([thinking, ThinkingBlock(content="Yes."), cache]) == "Hm.\nYes."
    assert thoughts([cache]) is None


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        (ImageBlock(), "image block cannot be sent: it has neither content nor path nor address"),
        (AudioBlock(audio=b""), "audio block cannot be sent"),
        (DocumentBlock(path="/no/such/file.pdf"), "No such file"),
        (ImageBlock(url="data:image/png;base64,***"), "no base64"),
    ],
)
def test_what_cannot_be_read_is_named(block: Any, complaint: str) -> None:
    """The error is a `ValueError` that names message, block and reason."""
    with pytest.raises(ConfigError, match=complaint) as caught:
        read(TextBlock(text="Look:"), block)

    assert isinstance(caught.value, ConfigError)
    assert str(caught.value).startswith("messages[0]: blocks[1]: this ")


def test_an_unknown_block_is_refused() -> None:
    """A kind of block that a later LlamaIndex may bring is an error, not a silent loss."""

    class SmellBlock:
        block_type = "smell"

    with pytest.raises(ConfigError, match="this smell block cannot be sent: there are audio"):
        read(SmellBlock())
