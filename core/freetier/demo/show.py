"""What the demo prints: lines that read well in 80 columns, with colour and without."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from textwrap import shorten
from time import monotonic, time
from typing import NoReturn

from rich.console import Console
from rich.text import Text

from freetier.demo.alone import Alone
from freetier.demo.answers import Answer, Say
from freetier.demo.tables import quota_table
from freetier.demo.writing import Wrapped
from freetier.errors import FreetierError
from freetier.values.listing import QuotaRow
from freetier.values.reports import RouteEvent

WIDEST = 100
INDENT = 4
LONG_WORD = 12
ALONE = (
    "alone: the same questions, put one by one to a single account with these limits; "
    "how many were answered, and how many refused"
)


class Screen(Console):
    """A console that leaves it to the command what a closed pipe means."""

    def on_broken_pipe(self) -> NoReturn:
        """Raise `BrokenPipeError`, where `rich` would leave with a status of its own."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


class Show:
    """Prints the story, and counts the fail-overs and waits that it prints.

    Args:
        console: Where to.
    """

    def __init__(self, console: Console) -> None:
        console.width = min(console.width, WIDEST)
        self.failovers = 0
        self.waits = 0
        self._console = console
        self._writer = self._wrapped("", INDENT)

    def _wrapped(self, style: str, indent: int) -> Wrapped:
        def write(text: str) -> None:
            self._console.print(Text(text, style), end="", soft_wrap=True)

        return Wrapped(write, self._console.width, indent)

    def line(self, text: str, style: str = "", indent: int = 0) -> None:
        """Print a text, wrapped."""
        writer = self._wrapped(style, indent)
        writer.feed(text)
        writer.end()

    def title(self, text: str, remark: str) -> None:
        """Begin, with a remark on what is to come."""
        self.line(text, "bold")
        self.line(remark)
        self.blank()

    def blank(self) -> None:
        """Print an empty line."""
        self._console.print()

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Print what is prepared, and when it is done, how long that took."""
        self._console.print(Text(f"  {what} ... "), end="", soft_wrap=True)
        began = monotonic()
        try:
            yield
        except BaseException:
            self.blank()
            raise
        self._console.print(Text(f"{monotonic() - began:.1f} s", "dim"))

    def accounts(self, title: str, accounts: Sequence[tuple[str, str]]) -> None:
        """Print who may answer, each with a word on it."""
        self.heading(title)
        longest = max(len(name) for name, _ in accounts)
        for name, words in accounts:
            parts = ((f"  {name:<{longest}}  ", "cyan"), words)
            self._console.print(Text.assemble(*parts), soft_wrap=True)

    def heading(self, text: str) -> None:
        """Begin a part."""
        self.blank()
        self.line(text, "bold")

    def asked(self, number: int, way: str, question: str) -> Say:
        """Print a question; return what prints the pieces of its answer."""
        parts = ((f"{number:2}  ", "dim"), (f"{way}  ", "cyan"), (question, "bold"))
        self._console.print(Text.assemble(*parts), soft_wrap=True)
        self._writer = self._wrapped("", INDENT)
        return self._writer.feed

    def answered(self, answer: Answer, *, streamed: bool) -> None:
        """Print the answer, unless its pieces are there already, and who gave it."""
        if not streamed:
            self._writer.feed(answer.text)
        self._writer.end()
        by = f"{answer.provider}, {answer.model}, account {answer.account}"
        waited = f", {answer.waited:.1f} s of it waiting" if answer.waited else ""
        moved = f", {counted(answer.failovers, 'fail-over')}" if answer.failovers else ""
        self.line(f"{by}: {answer.duration:.1f} s{waited}{moved}", "dim", INDENT)

    def failed(self, error: FreetierError) -> None:
        """Print why nobody answered."""
        self._writer.end()
        self.line(f"no answer: {error}", "red", INDENT)

    def event(self, event: RouteEvent) -> None:
        """Print a fail-over or a wait, at the moment the router tells of it."""
        account = (event.candidate or "").partition("/")[0]
        if event.kind == "failover" and event.attempt is not None:
            self.failovers += 1
            said = event.attempt.detail or event.fault
            code = event.attempt.status or "nothing"
            self._short(f"fail-over: {account} answered {code}: {said}")
        elif event.kind == "wait":
            self.waits += 1
            self._short(f"wait: {event.seconds:.1f} s for {account}")

    def _short(self, text: str) -> None:
        """Print a text on two lines at most; a provider may say much."""
        room = 2 * (self._console.width - INDENT - LONG_WORD)
        text = shorten(text, room, placeholder=" ...", break_on_hyphens=False)
        self.line(text, "yellow", INDENT)

    def quota(self, rows: tuple[QuotaRow, ...], alone: Mapping[str, Alone]) -> None:
        """Print what was used and is left, beside what one account alone has met."""
        self.heading("Quota")
        if alone:
            self.line(ALONE, "dim")
        self._console.print(quota_table(rows, alone, time()))


def counted(count: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
