"""How every command runs: what it opens is closed, and every end is short and has a status.

def status(*, config: ConfigOption = None, json: JsonOption = False) -> None:
    '''Show what is left.'''
    with command(json=json) as out, opened(out, config) as router:
        out.show(router.quota_status())
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from freetier.cli.out import Out
from freetier.cli.pipes import readable
from freetier.cli.statuses import Status, interruptible
from freetier.errors import ConfigError, FreetierError, StoreError

if TYPE_CHECKING:
    from freetier.router import Router

UNUSABLE = (ConfigError, StoreError, ImportError, OSError)
"""What a command cannot begin with; every other error of ours is something that failed."""


@contextmanager
def command(*, json: bool = False, failing: Status = Status.FAILED) -> Iterator[Out]:
    """Run the body of a command.

    An error of ours, of a file or of a missing package becomes one message on the standard
    error (with `--json` also a document `{"error": ...}` on the standard output), Ctrl-C and
    a closed pipe end without a traceback, and the status that `out.status` holds is left
    with. Faults of the program itself keep their traceback.

    Args:
        json: Whether programs read the output.
        failing: What an error of ours means that is not about the beginning.
    """
    out = Out(json=json)
    with interruptible(), readable():
        try:
            yield out
        except BrokenPipeError:
            raise
        except (FreetierError, ImportError, OSError) as error:
            out.status = Status.UNUSABLE if isinstance(error, UNUSABLE) else failing
            out.fail(error, message(error))
    if out.status:
        raise typer.Exit(out.status)


def message(error: Exception) -> str:
    """Return an error as one sentence for people."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {(error.strerror or str(error)).lower()}"
    if isinstance(error, ModuleNotFoundError) and error.name:
        return str(error) if " " in error.name else f"{error.name} is not installed: {error}"
    return str(error) or type(error).__name__


@contextmanager
def opened(out: Out, config: str | None = None, **fields: Any) -> Iterator[Router]:
    """Open the router that a command works with, and close it afterwards.

    What the configuration does less of than it seems, and what goes wrong under way, is told
    as remarks on the standard error.

    Args:
        out: Where the remarks go.
        config: The file of `--config`; without one the environment is read, where
            `FREETIER_CONFIG` may name a file.
        **fields: Whatever else `Router` takes.
    """
    from freetier.router import Router

    told = _Remarks(out)
    logger = logging.getLogger("freetier")
    logger.addHandler(told)
    try:
        with Router(config, **fields) as router:
            yield router
    finally:
        logger.removeHandler(told)


class _Remarks(logging.Handler):
    """Shows what the package logs, from warnings upwards, as remarks."""

    def __init__(self, out: Out) -> None:
        super().__init__(logging.WARNING)
        self._out = out

    def emit(self, record: logging.LogRecord) -> None:
        self._out.remark(f"note: {record.getMessage()}")
        if record.exc_info and record.exc_info[1] is not None:
            sys.stderr.write(f"      {type(record.exc_info[1]).__name__}\n")
