"""A configuration file over fake providers on loopback, for the commands' tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from freetier.testing import FakeProvider, Fleet


@contextmanager
def served(
    folder: Path, *providers: FakeProvider, told: bool = True, **fields: Any
) -> Iterator[tuple[Fleet, str]]:
    """Serve providers; yield the fleet and the path of a file that names their accounts.

    The file holds their limits, unless it is not to be told.
    """
    with Fleet(*(providers or (FakeProvider("groq", answer="Because it scatters."),))) as fleet:
        file = folder / "freetier.yaml"
        config = {**fleet.config(limits=told), **fields}
        file.write_text(yaml.safe_dump(config), encoding="utf-8")
        file.chmod(0o600)
        yield fleet, str(file)
