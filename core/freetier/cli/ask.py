"""`freetier ask`."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from freetier.cli.options import ConfigOption, JsonOption, ModelOption
from freetier.cli.running import command, opened
from freetier.cli.speech import Speech, signature
from freetier.errors import ConfigError
from freetier.values.chat import Message
from freetier.values.reports import Completion

Question = Annotated[
    str, typer.Argument(metavar="[QUESTION]", help="What to ask; what is piped in is added to it.")
]
System = Annotated[
    str, typer.Option("--system", "-s", metavar="TEXT", help="What the model is told beforehand.")
]
MaxTokens = Annotated[
    int | None, typer.Option("--max-tokens", min=1, help="The most tokens of an answer.")
]
MaxWait = Annotated[
    float | None,
    typer.Option("--max-wait", min=0, help="The most seconds to wait for quota; 0 never waits."),
]
Route = Annotated[bool, typer.Option("--route", help="Show the whole route afterwards.")]


def ask(  # noqa: PLR0913 - each is an option of its own
    question: Question = "",
    *,
    model: ModelOption = "",
    system: System = "",
    max_tokens: MaxTokens = None,
    max_wait: MaxWait = None,
    route: Route = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Ask one question; see the answer, and who gave it.

    The answer goes to the standard output, everything else to the standard error. With
    `--json` the whole answer and its route are one document.
    """
    with command(json=json) as out:
        messages = [Message(role="user", content=_asked(question))]
        if system:
            messages.insert(0, Message(role="system", content=system))
        given: dict[str, Any] = {
            "model": model or None,
            "max_tokens": max_tokens,
            "max_wait": max_wait,
        }
        given = {name: value for name, value in given.items() if value is not None}
        with opened(out, config) as router:
            if json:
                completion = router.complete(messages, **given)
                out.show((), _document(completion))
                return
            completion = Speech(out).answer(router, messages, **given)
            if route:
                out.remark(completion.report.explain())
            else:
                out.remark(f"-- {signature(completion.report)}")


def _document(completion: Completion) -> dict[str, object]:
    return {
        "text": completion.text,
        "finish_reason": completion.finish_reason,
        "usage": completion.usage,
        "report": completion.report,
    }


def _asked(question: str) -> str:
    """Return the question with what was piped in below it; raises `ConfigError` without any."""
    piped = "" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.read().strip()
    asked = "\n\n".join(part for part in (question.strip(), piped) if part)
    if not asked:
        raise ConfigError('ask something: freetier ask "Why is the sky blue?"')
    return asked
