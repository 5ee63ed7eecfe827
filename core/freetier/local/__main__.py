"""`python -m freetier.local`: fetch the weights, and say what else is missing."""

from __future__ import annotations

import sys

from freetier.local.errors import LocalError
from freetier.local.parts import missing_parts
from freetier.local.weights import weights


def main() -> int:
    """Print where the weights are; return 1 when anything is missing."""
    try:
        print(weights())  # noqa: T201 - the answer of a command
    except LocalError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    missing = missing_parts()
    for part in missing:
        print(part, file=sys.stderr)  # noqa: T201
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
