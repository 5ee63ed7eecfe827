"""What providers' terms say of several accounts, as a Markdown table made from the catalog.

`python -m freetier.catalog.terms README.md` writes it between its two marks.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from freetier.catalog import provider, provider_names
from freetier.catalog.table import between
from freetier.values.providers import Provider

BEGIN = "<!-- terms: made by `make table`, not by hand -->"
END = "<!-- /terms -->"

HEAD = "| several accounts of one person | providers |\n| --- | --- |\n"
SAYS: Mapping[str, str] = {
    "forbidden": "forbidden; freetier warns",
    "forbidden_for_consumers": "forbidden to consumers; freetier warns",
    "limits_may_not_be_circumvented": "not named, but limits may not be got round",
    "no_clause_found": "no clause found",
    "not_verified": "not verified",
    "moot": "moot: your machine, or gone",
}
"""In words, from the strictest on; the notes stand in the provider's file."""


def terms_table(providers: Iterable[Provider]) -> str:
    """Return the table, a row for each thing that terms say."""
    found: dict[str, list[str]] = {says: [] for says in SAYS}
    for one in providers:
        found[one.several_accounts].append(f"`{one.name}`")
    rows = (f"| {SAYS[says]} | {', '.join(names)} |\n" for says, names in found.items() if names)
    return HEAD + "".join(rows)


def with_terms(text: str) -> str:
    """Return a text whose table, between the two marks, is the shipped catalog's.

    Raises:
        ValueError: It has not both marks.
    """
    return between(text, BEGIN, END, terms_table(map(provider, provider_names())))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        file = Path(name)
        file.write_text(with_terms(file.read_text("utf-8")), encoding="utf-8")
