"""The displays in a real browser, light and dark: measured, and photographed.

The pictures stay in the test's folder; `FREETIER_PICTURES=folder` keeps them for looking at.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import matplotlib.image
import pytest

from freetier.testing import simulate
from tests.core.display.browser import THEMES, browse, measured, page
from tests.core.observe.stage import staged
from tests.core.testing.simulation.scenes import provider, scene

EVIL = '<script>document.title="broken"</script><b style="color:red">bold</b>'


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


@pytest.mark.parametrize("theme", THEMES)
def test_displays_read_well_in_a_browser(theme, fragments, tmp_path):
    """Contrast, bars as long as their shares, nothing folded or cut, nothing injected."""
    shown = page("\n".join(fragments), theme, tmp_path)
    dom = browse(tmp_path, shown, "--window-size=1100,900", "--dump-dom")
    found = measured(dom)
    assert found["title"] == "whole"
    assert found["contrast"] >= 3.0, found["faintest"]
    assert len(found["bars"]) > 8
    assert all(abs(drawn - share) < 0.02 for drawn, share in found["bars"])
    assert (found["folded"], found["widest"], found["turned"]) == (0, 0, 0)
    assert "<b style=" not in dom


@pytest.mark.parametrize("theme", THEMES)
def test_displays_are_photographed(theme, fragments, tmp_path):
    """A picture in which the theme's ground, its ink and the bars' colours are seen."""
    shown = page("\n".join(fragments), theme, tmp_path)
    kept = Path(os.environ.get("FREETIER_PICTURES") or tmp_path)
    picture = kept / f"displays-{theme}.png"
    browse(tmp_path, shown, "--window-size=1100,2300", f"--screenshot={picture}")
    image = matplotlib.image.imread(picture)[..., :3]
    ground = image.mean()
    assert ground > 0.85 if theme == "light" else ground < 0.25
    green = (image[..., 1] > image[..., 0] + 0.2) & (image[..., 1] > image[..., 2] + 0.1)
    red = (image[..., 0] > image[..., 1] + 0.3) & (image[..., 0] > image[..., 2] + 0.3)
    assert green.sum() > 1000
    assert red.sum() > 50
