"""`freetier explain`."""

from __future__ import annotations

from freetier.cli.options import ConfigOption, JsonOption, ModelArgument
from freetier.cli.running import command, opened


def explain(
    model: ModelArgument = "", *, config: ConfigOption = None, json: JsonOption = False
) -> None:
    """Show whom a request would go to, and why not others.

    Candidates stand in the order they would be asked. Nothing is sent.
    """
    with command(json=json) as out, opened(out, config) as router:
        out.show(router.explain(model=model))
