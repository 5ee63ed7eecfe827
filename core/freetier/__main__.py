"""`python -m freetier`: the command line."""

from __future__ import annotations

from freetier.cli import main

if __name__ == "__main__":
    main()
