"""The client library's errors as ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from redis import exceptions as rx

from freetier.errors import StoreError, StoreUnavailable
from freetier.stores.redis.address import Address

LOST = (rx.ConnectionError, rx.TimeoutError, OSError)
"""Worth a second try: every operation may be repeated."""

FINAL = (rx.AuthenticationError, rx.AuthorizationError)
"""Kinds of the above that a second try does not change."""

UNABLE = (rx.ReadOnlyError, rx.ClusterDownError, rx.MasterDownError, rx.OutOfMemoryError)
"""The server answers and cannot count."""

UNABLE_WORDS = ("MISCONF", "BUSY", "NOREPLICAS", "TRYAGAIN", "LOADING")


def may_repeat(error: BaseException) -> bool:
    """Tell whether a lost operation may be sent again."""
    return isinstance(error, LOST) and not isinstance(error, FINAL)


def ours(error: BaseException, at: Address) -> StoreError:
    """Return our error for the library's, without anything that must not be repeated."""
    unable = isinstance(error, (*LOST, *UNABLE)) or str(error).startswith(UNABLE_WORDS)
    said = at.scrub(str(error)) or type(error).__name__
    kind = StoreUnavailable if unable else StoreError
    return kind(f"Redis at {at.label}: {said}")


def unknown_scripts(replies: Sequence[Any]) -> list[int]:
    """Return the places of the replies that say that a script is not known."""
    return [at for at, reply in enumerate(replies) if isinstance(reply, rx.NoScriptError)]


def checked(replies: list[Any], at: Address) -> list[Any]:
    """Return replies without errors.

    Raises:
        StoreError: The server refused one of the calls.
    """
    for reply in replies:
        if isinstance(reply, Exception):
            raise ours(reply, at)
    return replies
