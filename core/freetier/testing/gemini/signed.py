"""Do the calls of a conversation carry the signatures that Gemini 3 demands?"""

from __future__ import annotations

import re

from freetier.testing.jsons import Json
from freetier.testing.rejection import Rejection
from freetier.testing.styles.gemini import SIGNATURE

DEMANDING = re.compile(r"gemini-(3|flash)")
"""Models that refuse a call without a signature."""

STAND_IN = "skip_thought_signature_validator"
"""What Google tells to send with calls of other models (ai.google.dev, thought signatures)."""


def check_signatures(contents: list[Json], model: str) -> None:
    """Refuse foreign signatures anywhere, and missing ones since the user last spoke.

    Raises:
        Rejection: with the kind `no_signature` or `bad_signature`.
    """
    parts = [part for content in contents for part in content["parts"]]
    if any(part.get("thoughtSignature", SIGNATURE) not in {SIGNATURE, STAND_IN} for part in parts):
        raise Rejection("bad_signature", "a signature of somebody else")
    if not DEMANDING.match(model):
        return
    start = max((n for n, content in enumerate(contents) if _speaks(content)), default=0)
    for position, content in enumerate(contents[start:], start=start):
        calls = [part for part in content["parts"] if "functionCall" in part]
        if calls and "thoughtSignature" not in calls[0]:
            name = calls[0]["functionCall"]["name"]
            raise Rejection("no_signature", f"{name} unsigned", name=name, position=position)


def _speaks(content: Json) -> bool:
    has_words = any("functionResponse" not in part for part in content["parts"])
    return content.get("role", "user") == "user" and has_words
