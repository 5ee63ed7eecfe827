"""Pictures: that they hold what they tell, and are pictures."""

from __future__ import annotations

import pytest

from freetier import plots
from freetier.history import History
from freetier.testing import simulate
from tests.core.observe.stage import played, staged
from tests.core.testing.simulation.scenes import provider, scene

PNG = b"\x89PNG\r\n\x1a\n"


def _words(picture):
    """Return every text in a picture."""
    picture.draw_without_rendering()
    texts = [text.get_text() for axis in picture.axes for text in axis.texts]
    for axis in picture.axes:
        texts += [axis.get_title(loc="left"), *(t.get_text() for t in axis.get_yticklabels())]
        legend = axis.get_legend()
        texts += [text.get_text() for text in legend.get_texts()] if legend else []
    return " | ".join(texts)


@pytest.fixture(scope="module")
def router():
    """One that answered three times, was refused once and gave up once."""
    made = staged()
    played(made)
    return made


def test_usage_shows_answers_refusals_and_what_is_left(router):
    """Both accounts in one colour each, the refusal as a mark."""
    picture = plots.usage(router)
    words = _words(picture)
    assert "cerebras-1" in words
    assert "groq-1" in words
    assert "refused or failed" in words
    upper, lower = picture.axes
    assert sum(patch.get_height() for patch in upper.patches) == 3
    assert min(min(line.get_ydata()) for line in lower.lines) == 0
    assert picture._repr_png_().startswith(PNG)


def test_latency_has_a_row_for_each_account(router):
    """With its median, and how often it failed."""
    words = _words(plots.latency(router))
    assert "1 answer, median 0.25 s, p95 0.25 s, 1 failure" in words
    assert "2 answers, median 0.50 s" in words


def test_a_day_is_drawn_account_by_account():
    """Each by its name."""
    outcome = simulate(scene(provider(accounts=2), provider("beta")))
    words = _words(plots.day(outcome))
    for name in ("alpha-1", "alpha-2", "beta-1", "offered", "told no"):
        assert name in words


@pytest.mark.parametrize("draw", [plots.usage, plots.latency])
def test_before_the_first_answer_it_says_so(draw):
    """No error, no empty axes."""
    assert draw(History())._repr_png_().startswith(PNG)


@pytest.mark.parametrize(
    ("seconds", "length"), [(0.0, 1), (100.0, 2), (3600.0, 60), (86_400.0, 1800), (9e6, 172_800)]
)
def test_a_slice_is_a_round_length(seconds, length):
    """About sixty over the whole."""
    from freetier.plots.usage import step

    assert step(seconds) == length
