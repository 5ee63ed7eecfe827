"""`freetier check`."""

from __future__ import annotations

from typing import Annotated

import typer

from freetier.cli.options import ConfigOption, JsonOption
from freetier.cli.running import command, opened
from freetier.cli.statuses import Status

ACCOUNTS = "Labels of accounts; without any, all of them."
DAYS = "Days after which a figure of the catalogue counts as old."
SPEND = "Test a key that nothing else tells of by one request for one token."


def check(
    accounts: Annotated[
        list[str] | None, typer.Argument(metavar="[ACCOUNT]...", help=ACCOUNTS)
    ] = None,
    *,
    days: Annotated[int, typer.Option("--days", metavar="N", min=0, help=DAYS)] = 120,
    spend: Annotated[bool, typer.Option("--spend", help=SPEND)] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Ask every provider whether keys and models are good.

    Nothing is generated. The status is 1 if an account cannot serve: its key is refused, its
    host cannot be reached, or a model that the configuration names is gone.
    """
    with command(json=json) as out, opened(out, config) as router:
        found = router.check(*accounts or (), max_age=days, spend=spend)
        out.show(found)
        if not found.ok:
            out.status = Status.FAILED
