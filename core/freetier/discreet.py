"""Errors that show nobody's keys to those who print tracebacks with local variables."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from freetier.errors import FreetierError


class discreet:  # noqa: N801 - reads as a verb in `with discreet(fields):`
    """Let an error of ours out without the frames below, and with the arguments forgotten.

    A configuration may hold keys in plain sight, and what reads it holds it in its local
    variables; the error's text says where the mistake is.

    Args:
        fields: The arguments of the caller's own frame; emptied if there is an error.
    """

    __slots__ = ("_fields",)

    def __init__(self, fields: dict[str, Any]) -> None:
        self._fields = fields

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # A class, because `contextmanager` gives an error its old traceback back.
        if isinstance(error, FreetierError):
            self._fields.clear()
            raise error.with_traceback(None) from None
