"""A simulation can be drawn."""

from __future__ import annotations

from freetier.testing import simulate
from freetier.testing.simulation.picture import draw
from tests.core.testing.simulation.scenes import provider, scene


def test_a_picture_names_every_account_and_every_figure(tmp_path) -> None:
    """As text within the picture, so that it can be looked for."""
    path = tmp_path / "it.svg"
    outcome = simulate(scene(provider(accounts=2), provider("beta")))
    import matplotlib as mpl

    with mpl.rc_context({"svg.fonttype": "none"}):
        draw(outcome, path)
    text = path.read_text()
    for word in ("alpha-1", "alpha-2", "beta-1", "offered", "served", "429", "waited", "left"):
        assert word in text
