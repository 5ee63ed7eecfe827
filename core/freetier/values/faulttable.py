"""What an error means when the provider's own rules are silent: data, the same for all."""

from __future__ import annotations

from dataclasses import dataclass

from freetier.values.providers import ErrorRule, WindowSign


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultTable:
    """The general part of the classification.

    Attributes:
        defaults: Rules by status, tried last, in order.
        overflow: Regular expressions of texts that say that the prompt is too long for the
            model; tried with the statuses 400, 413 and 422, without case.
        exclude: A regular expression of texts that look alike and speak of rates instead;
            empty means none.
        words: Parts of types and codes, and the status they stand for: an error inside an
            answer with status 200 that tells no status of its own is read by them, in order.
        phrases: The same for parts of messages, where neither type nor code says anything.
        signs: Texts that name the window that was hit, where the provider's own signs and
            rules name none; the one that stands first in the message counts.
    """

    defaults: tuple[ErrorRule, ...] = ()
    overflow: tuple[str, ...] = ()
    exclude: str = ""
    words: tuple[tuple[str, int], ...] = ()
    phrases: tuple[tuple[str, int], ...] = ()
    signs: tuple[WindowSign, ...] = ()
