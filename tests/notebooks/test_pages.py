"""The stored notebooks as pages in a real browser: measured in both themes, and photographed.

The pictures stay in the test's folder; `FREETIER_PICTURES=folder` keeps them for looking at.
"""

from __future__ import annotations

import os
from html import escape
from pathlib import Path

import matplotlib.image
import nbformat
import pytest
from markdown_it import MarkdownIt  # comes with rich

from tests.core.display.browser import THEMES, browse, measured, page
from tests.notebooks.run import notebooks

BOOKS = {path.stem: path for path in notebooks()}
STYLE = "<style>img{max-width:100%}pre{white-space:pre-wrap;overflow-wrap:anywhere}</style>"


def _output(output):
    """Return one output as the page of a repository shows it: its richest form."""
    data = output.get("data", {})
    if "text/html" in data:
        return data["text/html"]
    if "image/png" in data:
        return f'<img src="data:image/png;base64,{data["image/png"].strip()}">'
    return f"<pre>{escape(output.get('text') or data.get('text/plain', ''))}</pre>"


def _body(path):
    """Return a notebook's cells and their outputs, one below the other."""
    parts = [STYLE]
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            parts.append(MarkdownIt().render(cell.source))
            continue
        parts.append(f"<pre>{escape(cell.source)}</pre>")
        parts += map(_output, cell.outputs)
    return "\n".join(parts)


@pytest.mark.parametrize("theme", THEMES)
def test_the_stored_outputs_read_well_in_a_browser(theme, tmp_path):
    """Of all six: contrast, bars as long as their shares, nothing folded, cut or turned."""
    shown = page("\n".join(map(_body, BOOKS.values())), theme, tmp_path)
    found = measured(browse(tmp_path, shown, "--window-size=1100,900", "--dump-dom"))
    assert found["title"] == "whole"
    assert found["contrast"] >= 3.0, found["faintest"]
    assert len(found["bars"]) > 50
    assert all(abs(drawn - share) < 0.02 for drawn, share in found["bars"])
    assert (found["folded"], found["widest"], found["turned"]) == (0, 0, 0)


@pytest.mark.parametrize("name", BOOKS)
def test_a_notebook_is_photographed(name, tmp_path):
    """A picture with the ground, words, and the green of bars that are full."""
    shown = page(_body(BOOKS[name]), "light", tmp_path)
    picture = Path(os.environ.get("FREETIER_PICTURES") or tmp_path) / f"{name}.png"
    browse(tmp_path, shown, "--window-size=1100,4000", f"--screenshot={picture}")
    image = matplotlib.image.imread(picture)[..., :3]
    assert image.mean() > 0.85
    assert (image.max(axis=2) < 0.3).sum() > 5000
    green = (image[..., 1] > image[..., 0] + 0.2) & (image[..., 1] > image[..., 2] + 0.1)
    assert green.sum() > 500
