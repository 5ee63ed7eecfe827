"""`freetier models`."""

from __future__ import annotations

from typing import Annotated

import typer

from freetier.cli.options import ConfigOption, JsonOption
from freetier.cli.running import command, opened
from freetier.cli.statuses import Status

NAMES = "Aliases or models; without any, every alias."
REFRESH = "Ask the providers for their own lists of models, and show what changed."


def models(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help=NAMES)] = None,
    *,
    refresh: Annotated[bool, typer.Option("--refresh", help=REFRESH)] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Show which models each alias can use here and now.

    They stand in the order they would be asked. Nothing is sent, but with --refresh, which asks
    for lists only and changes nothing. The status is 1 if nobody can answer a NAME just now, or
    if a provider gave no list.
    """
    if refresh and names:
        raise typer.BadParameter("--refresh is about all accounts; leave the names out")
    with command(json=json) as out, opened(out, config) as router:
        if refresh:
            from freetier.display.checkup import changes

            found = router.check()
            out.show(changes(found), found)
            failed = any(check.problem for check in found.accounts)
        else:
            rows = router.prospects(*names or ())
            out.show(rows)
            failed = bool(names) and bool(rows.nobody)
        if failed:
            out.status = Status.FAILED
