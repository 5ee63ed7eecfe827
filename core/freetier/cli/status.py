"""`freetier status`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from freetier.cli.options import ConfigOption, JsonOption
from freetier.cli.out import Out
from freetier.cli.running import command, opened
from freetier.display.quota import sheets
from freetier.errors import ConfigError
from freetier.values.listing import QuotaStatus
from freetier.values.sheets import Sheet

if TYPE_CHECKING:
    from freetier.router import Router

Watch = Annotated[bool, typer.Option("--watch", "-w", help="Show it again and again.")]
Every = Annotated[float, typer.Option("--every", min=0.1, help="Seconds between two looks.")]
All = Annotated[
    bool, typer.Option("--all", "-a", help="Every model by itself, also where several are alike.")
]
ONLY = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="ACCOUNT", help="Only this account; may be given again."),
]


def status(
    *,
    watch: Watch = False,
    every: Every = 2.0,
    everything: All = False,
    only: ONLY = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Show what is left of the quota, and when it comes back.

    One line per account, model and window; models of an account that are alike stand together
    unless `--all` is given. With the default store, which counts in memory, this is what the
    catalog says; name a store that processes share to see what other programs used. With
    `--json` all windows, and with `--watch` one line of JSON per look.
    """
    with command(json=json) as out, opened(out, config) as router:
        wanted = tuple(only or ())
        _known(router, wanted)
        if watch:
            _watch(out, router, wanted, every, everything=everything)
        else:
            found = _of(router, wanted)
            out.show(_sheets(found, everything=everything), found)


def _known(router: Router, wanted: tuple[str, ...]) -> None:
    accounts = [account.id for account in router.setup.accounts]
    for name in wanted:
        if name not in accounts:
            raise ConfigError(
                f"no account {name!r}; there are {', '.join(accounts)}", where="--only"
            )


def _of(router: Router, wanted: tuple[str, ...]) -> QuotaStatus:
    found = router.quota_status()
    if not wanted:
        return found
    return QuotaStatus((row for row in found if row.account in wanted), found.at)


def _sheets(found: QuotaStatus, *, everything: bool) -> tuple[Sheet, ...]:
    return sheets(found, found.at, alike=not everything)


def _watch(
    out: Out, router: Router, wanted: tuple[str, ...], every: float, *, everything: bool
) -> None:
    """Look until it is interrupted; that is how a watch ends, and no fault."""
    try:
        if out.drawn:
            _live(out, router, wanted, every, everything=everything)
        else:
            while True:
                found = _of(router, wanted)
                out.show(_sheets(found, everything=everything), found, lines=True)
                out.say("" if out.json else "\n")
                time.sleep(every)
    except KeyboardInterrupt:
        return


def _live(
    out: Out, router: Router, wanted: tuple[str, ...], every: float, *, everything: bool
) -> None:
    from rich.live import Live

    from freetier.display.terminal import renderable

    ascii_only = out.ascii_only  # asked now: `Live` puts its own file in the output's place
    with Live(console=out.console, screen=True, auto_refresh=False) as live:
        while True:
            shown = _sheets(_of(router, wanted), everything=everything)
            live.update(renderable(shown, ascii_only=ascii_only), refresh=True)
            time.sleep(every)
