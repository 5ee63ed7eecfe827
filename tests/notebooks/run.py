"""Executing the notebooks: from a clean kernel, with outputs that can be shown to anybody.

`python -m tests.notebooks.run` runs all of them, or those named, and stores their outputs.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from freetier import catalog

FOLDER = Path(__file__).parents[2] / "notebooks"
LONGEST = 280
"""Seconds for one cell; the longest runs two virtual days."""

PRIVATE = re.compile(r"/(?:home|root|work|opt|tmp|Users|usr|var)/[\w.-]+|[A-Z]:\\\\Users")
"""What would tell of the machine that a notebook was run on."""


def notebooks() -> list[Path]:
    """Return all notebooks in the order of their numbers."""
    return sorted(FOLDER.glob("*.ipynb"))


def executed(path: Path, **variables: str) -> Any:
    """Return a notebook with the outputs of a run in an empty folder and without any key.

    Raises:
        nbclient.exceptions.CellExecutionError: A cell raised; its traceback is in the text.
    """
    book = nbformat.read(path, as_version=4)
    keys = {name for names in catalog.key_variables().values() for name in names}
    kept = {name: value for name, value in os.environ.items() if name not in keys}
    kept |= {"FREETIER_CONFIG": "", "TZ": "UTC", "PYTHONWARNINGS": "ignore", **variables}
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            book,
            timeout=LONGEST,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            record_timing=False,
        )
        client.execute(env=kept)
    for cell in book.cells:
        cell.metadata.clear()
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)
    return book


def joined(outputs: list[Any]) -> list[Any]:
    """Put the pieces of one stream together, however they came."""
    whole: list[Any] = []
    for output in outputs:
        last = whole[-1] if whole else None
        if last is not None and _is_same_stream(last, output):
            last.text += output.text
        else:
            whole.append(output)
    return whole


def _is_same_stream(one: Any, other: Any) -> bool:
    streams = one.output_type == other.output_type == "stream"
    return streams and bool(one.name == other.name)


def told(book: Any) -> str:
    """Return everything that the outputs say as text."""
    pieces = []
    for cell in book.cells:
        for output in cell.get("outputs", []):
            pieces.append(output.get("text", ""))
            data = output.get("data", {})
            pieces += [data[kind] for kind in ("text/plain", "text/html") if kind in data]
    return "\n".join(pieces)


def main(names: list[str]) -> None:
    """Run notebooks and store their outputs."""
    for path in notebooks():
        if names and not any(path.name.startswith(name) for name in names):
            continue
        book = executed(path)
        if found := PRIVATE.search(told(book)):
            sys.exit(f"{path.name} tells of this machine: {found[0]}")
        nbformat.write(book, path)
        print(f"{path.name} stored")


if __name__ == "__main__":
    main(sys.argv[1:])
