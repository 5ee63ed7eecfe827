"""A real browser for the tests: pages in light and dark, measured and photographed."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

THEMES = {"light": ("#ffffff", "#1f2328"), "dark": ("#111111", "#e6e6e6")}
# As JupyterLab and nbconvert style every output's tables.
HOST = (
    ".host:not(.none) td,.host:not(.none) th,.host:not(.none) tr"
    "{text-align:right;vertical-align:middle;padding:.5em;line-height:normal;max-width:none}"
)

# The page measures itself; the fragments under test bring no script.
MEASURE = Path(__file__).with_name("measure.js").read_text(encoding="utf-8")


def program() -> str:
    """Return the browser's program; without one the test is skipped, but never in CI."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        reason = "no chromium on this machine (Debian: apt install chromium)"
        if os.environ.get("CI"):
            pytest.fail(f"in CI no browser test may skip: {reason}")
        pytest.skip(reason)
    return found


def page(body: str, theme: str, folder: Path) -> Path:
    """Write a page of a notebook's kind that holds outputs."""
    back, ink = THEMES[theme]
    style = f"body{{background:{back};color:{ink};margin:24px;font-family:sans-serif}}{HOST}"
    written = folder / f"{theme}.html"
    written.write_text(
        f"<!doctype html><meta charset=utf-8><title>whole</title><style>{style}</style>"
        f"<body class=host>{body}<script>{MEASURE}</script>",
        encoding="utf-8",
    )
    return written


def browse(folder: Path, shown: Path, *words: str) -> str:
    """Run the browser on a page, without a window and without a way out; return its words."""
    return subprocess.run(
        [
            program(),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--force-device-scale-factor=1",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={folder / 'profile'}",
            *words,
            shown.as_uri(),
        ],
        capture_output=True,
        check=True,
        text=True,
        timeout=120,
    ).stdout


def measured(dom: str) -> Any:
    """Return what a page found out about itself."""
    told = re.search(r'data-found="([^"]*)"', dom)
    assert told is not None
    return json.loads(html.unescape(told[1]))
