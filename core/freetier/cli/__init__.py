"""The command line: `freetier`, one command to a module.

`running` says how every command runs, `out` how it writes, `options` what several share.
Its libraries come with the extra `cli` and are loaded when a command is run. What the exit
status of a command means stands in `freetier.cli.statuses`.
"""

from __future__ import annotations

import sys

from freetier.cli.pipes import readable
from freetier.cli.statuses import Status, interruptible

INSTALL = 'pip install "freetier[cli]"'


def main() -> None:
    """Run the command that the program's arguments name, and leave with its exit status."""
    with interruptible(), readable():
        try:
            from freetier.cli.app import app
        except ModuleNotFoundError as missing:
            package = (missing.name or "").partition(".")[0]
            if package == "freetier":
                raise
            sys.stderr.write(f"The command line needs {package}, which is missing.\n")
            sys.stderr.write(f"To get it: {INSTALL}\n")
            sys.exit(Status.UNUSABLE)
        app(prog_name="freetier")
