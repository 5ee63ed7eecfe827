"""The recorded answers beside this file, as values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One answer: what came over the wire, and what it is known to be."""

    file: str
    provider: str
    kind: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    expect_class: str | None
    evidence: str

    @property
    def is_stream(self) -> bool:
        """Tell whether the body is an event stream."""
        return self.file.endswith(".sse")


@cache
def samples() -> tuple[Sample, ...]:
    """Return all of them, in the order of the index."""
    index = json.loads((ROOT / "index.json").read_text(encoding="utf-8"))
    return tuple(map(_sample, index["samples"]))


def sample(file: str) -> Sample:
    """Return one by its path below this folder."""
    return next(found for found in samples() if found.file == file)


def _sample(record: dict[str, object]) -> Sample:
    file = str(record["file"])
    raw = (ROOT / file).read_bytes()
    headers: dict[str, str] = {}
    if file.endswith(".json"):
        answer = json.loads(raw)
        headers = answer["headers"]
        raw = answer["text"].encode() if "text" in answer else json.dumps(answer["body"]).encode()
    expect_class = record.get("expect_class")
    return Sample(
        file=file,
        provider=str(record["provider"]),
        kind=str(record["kind"]),
        status=int(str(record["status"])),
        headers=tuple(headers.items()),
        body=raw,
        expect_class=None if expect_class is None else str(expect_class),
        evidence=str(record["evidence"]),
    )
