"""The displays in a real browser, light and dark: measured, and photographed.

The pictures stay in the test's folder; `FREETIER_PICTURES=folder` keeps them for looking at.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import matplotlib.image
import pytest

from freetier.testing import simulate
from tests.core.observe.stage import staged
from tests.core.testing.simulation.scenes import provider, scene

THEMES = {"light": ("#ffffff", "#1f2328"), "dark": ("#111111", "#e6e6e6")}
# As JupyterLab and nbconvert style every output's tables.
HOST = (
    ".host:not(.none) td,.host:not(.none) th,.host:not(.none) tr"
    "{text-align:right;vertical-align:middle;padding:.5em;line-height:normal;max-width:none}"
)
EVIL = '<script>document.title="broken"</script><b style="color:red">bold</b>'

# The page measures itself; the fragments under test bring no script.
MEASURE = Path(__file__).with_name("measure.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def chromium():
    """The browser's program."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        reason = "no chromium on this machine (Debian: apt install chromium)"
        if os.environ.get("CI"):
            pytest.fail(f"in CI no browser test may skip: {reason}")
        pytest.skip(reason)
    return found


@pytest.fixture(scope="module")
def fragments():
    """One of each display, with words that would break a page that does not escape."""
    router = staged()
    report = router.complete("Hi", model="gpt-oss-120b", tags=(EVIL,)).report
    played_route = router.complete("Hi", model="gpt-oss-120b").report
    skipped = replace(played_route.attempts[0], detail=EVIL)
    evil = replace(report, alias=EVIL, attempts=(skipped, *report.attempts), notes=(EVIL,))
    outcome = simulate(scene(provider(accounts=2), provider("beta")))
    plan = router.plan(200, model="gpt-oss-120b", input_tokens=100, output_tokens=20)
    shown = (
        router,
        router.quota_status(),
        played_route,
        evil,
        router.explain("Hi", model="gpt-oss-120b"),
        router.history,
        plan,
        outcome,
    )
    return [value._repr_html_() for value in shown]


def _browse(chromium, folder, page, *words):
    """Run the browser on a page, without a window and without a way out."""
    return subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--force-device-scale-factor=1",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={folder / 'profile'}",
            *words,
            page.as_uri(),
        ],
        capture_output=True,
        check=True,
        text=True,
        timeout=120,
    ).stdout


def _page(fragments, theme, folder):
    back, ink = THEMES[theme]
    style = f"body{{background:{back};color:{ink};margin:24px;font-family:sans-serif}}{HOST}"
    body = "\n".join(fragments)
    page = folder / f"{theme}.html"
    page.write_text(
        f"<!doctype html><meta charset=utf-8><title>whole</title><style>{style}</style>"
        f"<body class=host>{body}<script>{MEASURE}</script>",
        encoding="utf-8",
    )
    return page


@pytest.mark.parametrize("theme", THEMES)
def test_displays_read_well_in_a_browser(theme, chromium, fragments, tmp_path):
    """Contrast, bars as long as their shares, nothing folded or cut, nothing injected."""
    page = _page(fragments, theme, tmp_path)
    dom = _browse(chromium, tmp_path, page, "--window-size=1100,900", "--dump-dom")
    told = re.search(r'data-found="([^"]*)"', dom)
    assert told is not None
    found = json.loads(html.unescape(told[1]))
    assert found["title"] == "whole"
    assert found["contrast"] >= 3.0, found["faintest"]
    assert len(found["bars"]) > 8
    assert all(abs(drawn - share) < 0.02 for drawn, share in found["bars"])
    assert (found["folded"], found["widest"], found["turned"]) == (0, 0, 0)
    assert "<b style=" not in dom


@pytest.mark.parametrize("theme", THEMES)
def test_displays_are_photographed(theme, chromium, fragments, tmp_path):
    """A picture in which the theme's ground, its ink and the bars' colours are seen."""
    page = _page(fragments, theme, tmp_path)
    kept = Path(os.environ.get("FREETIER_PICTURES") or tmp_path)
    picture = kept / f"displays-{theme}.png"
    _browse(chromium, tmp_path, page, "--window-size=1100,2300", f"--screenshot={picture}")
    image = matplotlib.image.imread(picture)[..., :3]
    ground = image.mean()
    assert ground > 0.85 if theme == "light" else ground < 0.25
    green = (image[..., 1] > image[..., 0] + 0.2) & (image[..., 1] > image[..., 2] + 0.1)
    red = (image[..., 0] > image[..., 1] + 0.3) & (image[..., 0] > image[..., 2] + 0.3)
    assert green.sum() > 1000
    assert red.sum() > 50
