"""A provider's words for people: one bounded line, no markup, nothing that looks like a key."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from freetier.values.hidden import MARK, hidden

LINE_MAX = 300
"""Characters of a detail."""

READ_MAX = 16_384
"""Characters of a text that are looked at."""

_TAG = re.compile(r"<[^<>]*>")
_KEYS = re.compile(
    r"\b(?:sk|pk|rk|gsk|csk|xai|hf|fw|tgp|nvapi|ghp|github_pat)[-_][\w*.-]{6,}"
    r"|\bAIza[\w-]{6,}"
    r"|\bAQ\.[\w-]{8,}"
    r"|\beyJ[\w-]{8,}[\w.-]*"
    r"|\*{3,}[\w*-]+",
    re.IGNORECASE,
)
_AFTER_WORD = re.compile(
    r"""\b(bearer|key|token|secret)(["']?[:= ] ?["']?)([\w*.~+/=-]{12,200})""", re.IGNORECASE
)
_RUN = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")


def one_line(text: str, secrets: Iterable[str] = ()) -> str:
    """Return the beginning of a text as one line without markup and without secrets.

    Args:
        text: As the provider wrote it.
        secrets: What is known to be secret and may have been echoed.
    """
    text = text[:READ_MAX]
    if text.lstrip().startswith("<"):
        text = _visible(text)
    text = hidden(text, secrets)
    text = _AFTER_WORD.sub(_hide_if_numbered, _KEYS.sub(MARK, text))
    text = _RUN.sub(_hide_if_mixed, text)
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= LINE_MAX else line[: LINE_MAX - 1] + "…"


def _visible(markup: str) -> str:
    """Return the title of a page, or its text if it has none."""
    lower = markup.lower()
    start = lower.find("<title")
    end = lower.find("</title", start)
    inside = markup[markup.find(">", start) + 1 : end] if 0 <= start < end else ""
    return html.unescape(inside.strip() or _TAG.sub(" ", markup))


def _hide_if_numbered(found: re.Match[str]) -> str:
    """Hide what follows a word like `bearer`, unless it is a word itself."""
    is_key = any(c.isdigit() for c in found[3])
    return f"{found[1]}{found[2]}{MARK}" if is_key else found[0]


def _hide_if_mixed(found: re.Match[str]) -> str:
    """Hide a long run of letters and digits; words, numbers and paths are not keys."""
    run = found[0]
    is_mixed = any(c.isdigit() for c in run) and any(c.isalpha() for c in run)
    is_path = "/" in run and (run.islower() or run.isupper())
    return MARK if is_mixed and not is_path else run
