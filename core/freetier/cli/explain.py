"""`freetier explain`."""

from __future__ import annotations

from freetier.cli.options import ConfigOption, JsonOption, ModelArgument
from freetier.cli.running import command, opened


def explain(
    model: ModelArgument = "", *, config: ConfigOption = None, json: JsonOption = False
) -> None:
    """Show whom a request for MODEL would go to, in which order, and why not others.

    Nothing is sent.
    """
    with command(json=json) as out, opened(out, config) as router:
        out.show(router.explain(model=model))
