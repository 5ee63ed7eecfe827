"""`freetier plan`."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, time, timedelta
from typing import Annotated

import typer

from freetier.cli.options import ConfigOption, JsonOption, ModelOption
from freetier.cli.running import command, opened
from freetier.cli.statuses import Status
from freetier.config.durations import from_text
from freetier.errors import ConfigError

Requests = Annotated[int, typer.Argument(metavar="REQUESTS", min=1, help="How many requests.")]
Input = Annotated[int, typer.Option("--input", min=1, help="Tokens of one prompt.")]
Output = Annotated[int, typer.Option("--output", min=0, help="Tokens of one answer.")]
By = Annotated[
    str | None,
    typer.Option(
        "--by", metavar="WHEN", help="When it has to be done: 18:00, 2h, or 2027-01-31T18:00."
    ),
]


def plan(  # noqa: PLR0913 - each is an option of its own
    requests: Requests,
    *,
    input_tokens: Input = 500,
    output_tokens: Output = 300,
    model: ModelOption = "",
    by: By = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Say whether a job fits, and when it ends.

    It also says what the job waits for, and what would help. Nothing is sent. The status is 1
    if the job does not fit.
    """
    with command(json=json) as out, opened(out, config) as router:
        until = None if by is None else _instant(by)
        found = router.plan(requests, input_tokens, output_tokens, model=model or None, by=until)
        out.show(found)
        if not found.fits:
            out.status = Status.FAILED


def forecast(*, config: ConfigOption = None, json: JsonOption = False) -> None:
    """Say when each account runs dry at the present pace.

    The pace is read from the store: one that is kept knows what other programs used.
    """
    with command(json=json) as out, opened(out, config) as router:
        out.show(router.forecast())


def _instant(text: str) -> datetime | timedelta:
    """Read an instant on the local clock, or a length of time from now."""
    with suppress(ValueError):
        return _next(datetime.strptime(text, "%H:%M").time())  # noqa: DTZ007 - of any day
    with suppress(ValueError):
        return datetime.fromisoformat(text)
    seconds = from_text(text)
    if seconds is None:
        raise ConfigError(
            f"cannot read {text!r}; write 18:00, 2h, 90m or 2027-01-31T18:00", where="--by"
        )
    return timedelta(seconds=seconds)


def _next(clock: time) -> datetime:
    """Return when the clock here shows a time of day next."""
    now = datetime.now().astimezone()
    at = now.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
    return at if at > now else at + timedelta(days=1)
