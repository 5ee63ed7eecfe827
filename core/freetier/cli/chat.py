"""`freetier chat`: a conversation in the terminal."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar

from freetier.cli.ask import MaxWait, System
from freetier.cli.options import ConfigOption, ModelOption
from freetier.cli.out import Out
from freetier.cli.running import command, message, opened
from freetier.cli.speech import Speech, signature
from freetier.cli.statuses import Status
from freetier.errors import FreetierError
from freetier.values.chat import Message
from freetier.values.reports import RouteReport

if TYPE_CHECKING:
    from freetier.router import Router

PROMPT = "> "
GREETING = "Ctrl-D or /quit leaves, /help tells what else there is."


def chat(
    *,
    model: ModelOption = "",
    system: System = "",
    max_wait: MaxWait = None,
    config: ConfigOption = None,
) -> None:
    """Talk with a model; each answer says who gave it.

    A line is a turn. `/model NAME` changes the model and keeps the conversation, `/status`
    shows what is left, `/help` the rest. Ctrl-C stops an answer and keeps what was said; at the
    prompt it leaves with status 130, Ctrl-D with 0. With lines piped in it answers one after
    the other, and fails if one had no answer.
    """
    with command() as out, opened(out, config) as router:
        talk = Talk(out, router, model, system, max_wait)
        if sys.stdin.isatty():
            with contextlib.suppress(ImportError):
                import readline  # noqa: F401 - arrow keys and the lines before

            out.line(f"{talk.greeting()} {GREETING}", "dim")
        talk.run()


class Talk:
    """A conversation under way.

    Attributes:
        model: Who is asked; empty means the default.
        messages: Everything that was said, without the system message.
    """

    def __init__(
        self, out: Out, router: Router, model: str, system: str, max_wait: float | None
    ) -> None:
        self.model = ""
        self.messages: list[Message] = []
        self._out = out
        self._router = router
        self._system = system
        self._given = {} if max_wait is None else {"max_wait": max_wait}
        self._last: RouteReport | None = None
        self._interactive = sys.stdin.isatty()
        self._take(model)

    def greeting(self) -> str:
        """Return whom it talks to."""
        return f"Talking to {self.model or self._router.setup.default_model or 'best'}."

    def run(self) -> None:
        """Take lines until there are no more."""
        while True:
            try:
                line = input(PROMPT if self._interactive else "").strip()
            except EOFError:
                break
            if line in {"/quit", "/exit"}:
                return
            if line.startswith("/"):
                self._command(line)
            elif line:
                self._turn(line)
        if self._interactive:
            self._out.line("")

    def _turn(self, line: str) -> None:
        """Ask; an answer that failed leaves the conversation as it was."""
        asked = Message(role="user", content=line)
        first = [Message(role="system", content=self._system)] if self._system else []
        speech = Speech(self._out)
        try:
            completion = speech.answer(
                self._router, [*first, *self.messages, asked], model=self.model, **self._given
            )
        except KeyboardInterrupt:
            if not self._interactive:
                raise
            self._out.remark("(stopped)")
            self._keep(asked, Message(role="assistant", content=speech.text))
        except FreetierError as error:
            self._last = getattr(error, "report", None)
            self._out.remark(message(error), "bad")
            if not self._interactive:
                self._out.status = Status.FAILED
        else:
            self._last = completion.report
            self._keep(asked, completion.message)
            self._out.remark(f"-- {signature(completion.report)}")

    def _keep(self, asked: Message, said: Message) -> None:
        if said.content:
            self.messages += [asked, said]

    def _command(self, line: str) -> None:
        name, _, rest = line.partition(" ")
        found = self.COMMANDS.get(name)
        if found is None:
            near = get_close_matches(name, self.COMMANDS, n=1)
            hint = f"did you mean {near[0]}?" if near else "/help lists them"
            self._out.remark(f"there is no {name}; {hint}", "bad")
            return
        try:
            found[1](self, rest.strip())
        except FreetierError as error:
            self._out.remark(message(error), "bad")

    def _help(self, _: str) -> None:
        for name, (words, _do) in self.COMMANDS.items():
            self._out.line(f"{name:<10} {words}")

    def _model(self, name: str) -> None:
        if name:
            self._take(name)
            self._out.line(self.greeting(), "dim")
        else:
            self._out.line(", ".join(m.id for m in self._router.list_models()))

    def _take(self, name: str) -> None:
        """Change the model; raises `UnknownModel` and keeps the old one if there is none."""
        self._router.features(name)
        self.model = name

    def _status(self, _: str) -> None:
        self._out.show(self._router.quota_status())

    def _route(self, _: str) -> None:
        if self._last is None:
            self._out.line("nothing was asked yet", "dim")
        else:
            self._out.show(self._last)

    def _history(self, _: str) -> None:
        if not self.messages:
            self._out.line("nothing was said yet", "dim")
        for said in self.messages:
            who = "you" if said.role == "user" else "model"
            self._out.line(f"{who}: {said.content}", "strong" if who == "you" else "")

    def _clear(self, _: str) -> None:
        self.messages.clear()
        self._out.line("forgotten", "dim")

    COMMANDS: ClassVar[dict[str, tuple[str, Callable[[Talk, str], None]]]] = {
        "/model": ("NAME changes the model; alone it lists them", _model),
        "/status": ("what is left of each account's quota", _status),
        "/route": ("how the last answer came about", _route),
        "/history": ("what was said so far", _history),
        "/clear": ("begin a new conversation", _clear),
        "/help": ("this list", _help),
        "/quit": ("leave", _help),
    }
