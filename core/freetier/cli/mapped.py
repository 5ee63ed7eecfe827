"""`freetier map`."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from freetier.cli.ask import MaxTokens, MaxWait, System
from freetier.cli.options import ConfigOption, JsonOption, ModelOption
from freetier.cli.rows import Row, Written, prompt_of, read, shape_of
from freetier.cli.running import command, opened
from freetier.cli.statuses import Status
from freetier.errors import ConfigError

if TYPE_CHECKING:
    from freetier.cli.out import Out
    from freetier.values.jobs import JobResult

Source = Annotated[
    Path, typer.Argument(metavar="IN", help="Rows to answer: .jsonl, .csv, or .txt (lines).")
]
Target = Annotated[
    Path, typer.Argument(metavar="OUT", help="Where rows and answers go: .jsonl, .csv or .txt.")
]
Column = Annotated[
    str | None, typer.Option("--column", metavar="NAME", help="The column with the prompt.")
]
Prompt = Annotated[
    str | None,
    typer.Option("--prompt", metavar="TEXT", help="The prompt, with columns: 'Sum up: {text}'."),
]
Concurrency = Annotated[
    int | None,
    typer.Option("--concurrency", min=1, help="Requests under way; by default what fits."),
]
Force = Annotated[bool, typer.Option("--force", help="Write over OUT if it is there.")]

ADDED = ("answer", "provider", "model", "error")
"""What is added to each row."""


def map_(  # noqa: PLR0913 - each is an option of its own
    source: Source,
    target: Target,
    *,
    column: Column = None,
    prompt: Prompt = None,
    system: System = "",
    model: ModelOption = "",
    max_tokens: MaxTokens = None,
    max_wait: MaxWait = None,
    concurrency: Concurrency = None,
    force: Force = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Answer every row of a file; go on where it stopped.

    It goes at the pool's own pace; what is done is kept in OUT.journal. The same command run
    again, after Ctrl-C, a crash, or tomorrow when the day's quota is back, asks only for what
    is missing. OUT is written when every row has had its turn.
    """
    with command(json=json) as out, opened(out, config) as router:
        _check(source, target, force=force)
        patience: dict[str, Any] = {} if max_wait is None else {"max_wait": max_wait}
        job = router.map(
            _Rows(source),
            partial(_ask, column=column, prompt=prompt, system=system),
            model=model or None,
            max_tokens=max_tokens,
            journal=_journal(target),
            concurrency=concurrency,
            progress=sys.stderr.isatty(),
            **patience,
        )
        try:
            counts = _write(job, target)
        except KeyboardInterrupt:
            out.remark(f"\nwhat is done is kept in {_journal(target)}; the same command goes on")
            raise
        _tell(out, counts, target)


class _Rows:
    """The rows of a file, whose number is known."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._total = sum(1 for _ in read(path))

    def __iter__(self) -> Any:  # noqa: ANN401 - an iterator of rows
        return read(self._path)

    def __len__(self) -> int:
        return self._total


def _check(source: Path, target: Path, *, force: bool) -> None:
    shape_of(source)
    shape_of(target)
    if source.resolve() == target.resolve():
        raise ConfigError("IN and OUT are the same file", where=str(target))
    if target.exists() and not _journal(target).exists() and not force:
        raise ConfigError("is there already; name another file, or add --force", where=str(target))


def _journal(target: Path) -> Path:
    return target.with_name(f"{target.name}.journal")


def _ask(row: Row, *, column: str | None, prompt: str | None, system: str) -> Any:  # noqa: ANN401
    asked = prompt_of(row, column, prompt)
    if not system:
        return asked
    turns = [{"role": "user", "content": asked}] if isinstance(asked, str) else asked
    return [{"role": "system", "content": system}, *turns]


def _write(job: Any, target: Path) -> dict[str, int]:  # noqa: ANN401 - an iterator of results
    counts = {"rows": 0, "answered": 0, "failed": 0, "restored": 0}
    with Written(target, ADDED) as file:
        try:
            for result in job:
                file.write(_row(result))
                counts["rows"] += 1
                counts["answered" if result.ok else "failed"] += 1
                counts["restored"] += result.restored
        finally:
            job.close()  # what is under way is settled before anything is said
        file.finish()
    return counts


def _row(result: JobResult) -> Row:
    found = result.completion
    report = None if found is None else found.report
    return {
        **result.item,
        "answer": None if found is None else found.text,
        "provider": None if report is None else report.provider,
        "model": None if report is None else report.model,
        "error": None if result.error is None else str(result.error).splitlines()[0],
    }


def _tell(out: Out, counts: dict[str, int], target: Path) -> None:
    if counts["failed"]:
        out.status = Status.FAILED
        out.remark(f"{counts['failed']} rows failed; the same command tries them again", "bad")
    else:
        _journal(target).unlink(missing_ok=True)
    restored = f", {counts['restored']} of them by an earlier run" if counts["restored"] else ""
    if out.json:
        out.show((), {**counts, "out": str(target)})
    else:
        out.line(f"{target}: {counts['answered']} of {counts['rows']} rows answered{restored}")
