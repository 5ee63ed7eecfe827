"""Warnings in the log, each once."""

from __future__ import annotations

import logging
from collections.abc import Iterable

_log = logging.getLogger("freetier")
_SAID: set[str] = set()


def say_once(sentences: Iterable[str]) -> None:
    """Log what is accepted but does less than it seems; each sentence once per process."""
    for sentence in sentences:
        if sentence not in _SAID:
            _SAID.add(sentence)
            _log.warning("%s", sentence)
