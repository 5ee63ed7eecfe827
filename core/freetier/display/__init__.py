"""How values look: as text, as HTML in a notebook, and through `rich` in a terminal.

text        plain text, the same in every terminal, pipe and log
html        a fragment for notebooks: light and dark, escaped, without scripts
terminal    the same tables as `rich` renderables; needs the extra `cli`
words       lengths of time and instants, as people say them

Nothing here is loaded before something is shown.
"""

from __future__ import annotations

from freetier.display.html import html as html
from freetier.display.text import text as text
