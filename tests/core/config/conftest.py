"""What the tests of the configuration share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from freetier.config import load_mapping
from freetier.config.reading import read_tree
from freetier.errors import ConfigError
from freetier.values.setup import Setup
from tests.core.config.fakes import FakeCatalog

Load = Callable[..., Setup]
Refusal = Callable[..., str]


@pytest.fixture
def load() -> Load:
    """Load fields as a file would hold them, with variables as keyword arguments."""

    def loaded(fields: dict[str, Any], **environ: str) -> Setup:
        return load_mapping(fields, environ, where="freetier.yaml", catalog=FakeCatalog())

    return loaded


@pytest.fixture
def refusal(load: Load) -> Refusal:
    """The text of the error that fields end in."""

    def refused(fields: dict[str, Any], **environ: str) -> str:
        with pytest.raises(ConfigError) as caught:
            load(fields, **environ)
        return str(caught.value)

    return refused


@pytest.fixture
def tree(tmp_path: Path) -> Callable[..., Any]:
    """Read a text as a file of a name."""

    def read(text: str | bytes, name: str = "freetier.yaml") -> Any:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_tree(path)

    return read
