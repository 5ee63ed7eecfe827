"""The notebooks: each runs from a clean kernel as it stands, and shows what it says."""

from __future__ import annotations

import nbformat
import pytest

from tests.notebooks.run import PRIVATE, executed, notebooks, told

BOOKS = notebooks()
FEWER = {"ROWS": "600"}  # of ten thousand; `make stories` runs them all
CLAIMS = {
    "1_first_answer": ["answered", "1 fail-overs", "quota gone", "back in"],
    "2_rag_langchain": ["answers hold the passage's words", "quota gone"],
    "3_rag_llamaindex": ["fail-overs", "answered"],
    "4_agent": ["The tool says: snow, -3 degrees", "unauthorised", "unreachable", "get_weather"],
    "5_ten_thousand_rows": ["600 rows", "0 refused with 429", "fits"],
    "6_several_machines": ["together: 20 answered; 0 refused with 429"],
}
"""What a run has to show: what happened on the route, never how a model put its words."""


def test_there_are_six():
    """And each has its claims."""
    assert [path.stem for path in BOOKS] == sorted(CLAIMS)


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_a_clean_kernel(path):
    """No cell raises, and what was promised is seen."""
    text = told(executed(path, **FEWER))
    for claim in CLAIMS[path.stem]:
        assert claim in text
    assert PRIVATE.search(text) is None


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_its_outputs_are_stored(path):
    """With pictures and tables, for the repository's page; nothing of the machine they ran on."""
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    cells = [cell for cell in book.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    kinds = {kind for cell in cells for out in cell.outputs for kind in out.get("data", {})}
    assert "text/html" in kinds
    assert "image/png" in kinds or path.stem == "6_several_machines"
    assert not [out for cell in cells for out in cell.outputs if out.output_type == "error"]
    assert PRIVATE.search(told(book)) is None


def test_what_tells_of_a_machine_would_be_found():
    """The control of the search."""
    for text in ("/home/me/x", "/tmp/tmpab12/labels.jsonl", "C:\\\\Users\\\\me"):
        assert PRIVATE.search(f"in {text} it says")
