"""`freetier status`."""

from __future__ import annotations

from freetier.cli.options import ConfigOption, JsonOption
from freetier.cli.running import command, opened


def status(*, config: ConfigOption = None, json: JsonOption = False) -> None:
    """Show what is left of every account's quota, and when it comes back."""
    with command(json=json) as out, opened(out, config) as router:
        out.show(router.quota_status())
