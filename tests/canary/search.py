"""Looking for a key in everything that came out, in the disguises that a key may wear."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote

LONG = 12
"""So many letters of a key in a row are a leak."""


def disguises(key: str) -> Mapping[bytes, str]:
    """Return what to look for, with what it is called."""
    raw = key.encode()
    found = {
        raw: "in plain sight",
        quote(key, safe="").encode(): "quoted for a URL",
        json.dumps(key)[1:-1].encode(): "as JSON",
        repr(key)[1:-1].encode(): "as a repr",
        raw.hex().encode(): "in hexadecimal",
        raw[::-1]: "backwards",
        key.encode("utf-16-le"): "in UTF-16",
    }
    for before in (b"", b"Bearer ", b":", b"x:"):
        coded = base64.b64encode(before + raw).rstrip(b"=")
        found[coded[4 if before else 0 : -2] or coded] = "in base64"
    for start in range(max(1, len(raw) - LONG)):
        found.setdefault(raw[start : start + LONG], "in part")
    return {what: name for what, name in found.items() if len(what) >= min(LONG, len(raw))}


def leaks(place: Path, keys: Iterable[str]) -> list[str]:
    """Return where below a folder a key was found, and in which disguise; never the key."""
    wanted = [(number, disguises(key)) for number, key in enumerate(keys)]
    found = []
    for path in sorted(place.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            for number, names in wanted:
                worn = {name for what, name in names.items() if what in data}
                if worn:
                    found.append(f"{path.name}: key {number} {', '.join(sorted(worn))}")
    return found
