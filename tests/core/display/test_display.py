"""How values look: the same words in text, in HTML and in a terminal; escaped, aligned."""

from __future__ import annotations

import io
import pickle
import re
from datetime import UTC, timedelta, timezone
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from freetier import catalog
from freetier.display import html, text
from freetier.display.terminal import renderable
from freetier.display.text import drawn, width
from freetier.display.words import amount, instant, span
from freetier.testing import simulate
from freetier.values.checkup import Checkup, Unused
from freetier.values.listing import QuotaStatus
from freetier.values.sheets import Bar, Head, Mark, Sheet, When
from tests.core.observe.stage import played, staged
from tests.core.testing.simulation.scenes import provider, scene

NOW = 1_790_000_000.0
EVIL = '<script>alert("1")</script>\x1b[2J\n| & [bold]'


class Reader(HTMLParser):
    """Collects tags and texts."""

    def __init__(self):
        super().__init__()
        self.tags, self.texts, self.attributes = [], [], []

    def handle_starttag(self, tag, attrs):
        """Take a tag with its attributes."""
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        """Take a text."""
        self.texts.append(data)


def _read(fragment):
    reader = Reader()
    reader.feed(fragment)
    return reader


def _drawn(sheets, columns=100):
    out = io.StringIO()
    Console(file=out, width=columns, force_terminal=True).print(renderable(sheets, zone=UTC))
    return out.getvalue()


@given(st.text(), st.text(), st.text())
def test_nothing_that_is_shown_can_become_markup(title, cell, note):
    """Whatever providers say: only our own tags are there, and the words are whole."""
    sheet = Sheet(
        title=title, lead=(Mark(cell),), heads=(Head(title),), rows=((cell,),), notes=(note,)
    )
    read = _read(html([sheet]))
    allowed = {"div", "style", "p", "span", "table", "thead", "tbody", "tr", "th", "td"}
    assert set(read.tags) <= allowed
    assert not [name for name, _ in read.attributes if name != "class"]


def test_evil_words_cannot_break_a_line_or_steer_a_terminal():
    """Control characters and line ends become spaces, markup of rich stays text."""
    sheet = Sheet(title=EVIL, heads=(Head("a"),), rows=((EVIL,), ("b",)))
    plain = text([sheet])
    assert len(plain.splitlines()) == 4
    assert "\x1b" not in plain
    assert "[bold]" in _drawn([sheet])
    assert "\x1b[2J" not in _drawn([sheet])


def test_nothing_is_fetched_and_nothing_runs():
    """No script, no link, no image, no address: everything is in the fragment."""
    router = staged()
    played(router)
    for value in (router, router.quota_status(), router.history, router.explain("Hi")):
        fragment = value._repr_html_()
        assert not {"script", "link", "img", "iframe"} & set(_read(fragment).tags)
        for word in ("http", "url(", "@import", "javascript", " onclick"):
            assert word not in fragment


def test_quota_is_a_sequence_that_prints_as_a_table():
    """Rows as before, a table for people, whole after pickling."""
    router = staged()
    played(router)
    quota = router.quota_status()
    assert isinstance(quota, tuple)
    assert [row.account for row in quota[:2]] == ["cerebras-1", "cerebras-1"]
    assert "account" in str(quota).splitlines()[1]
    assert "2 / minute" in str(quota)
    assert "blocked: quota gone" in str(quota)
    assert pickle.loads(pickle.dumps(quota)) == quota  # noqa: S301 - our own
    assert pickle.loads(pickle.dumps(quota)).at == quota.at  # noqa: S301
    assert "no account has a limit" in str(QuotaStatus())


def test_a_route_shows_attempts_and_what_was_left_out():
    """Who was tried with what outcome, who was not and why."""
    router = staged()
    report = [router.complete("Hi", model="gpt-oss-120b").report for _ in range(2)][-1]
    words = " ".join(_read(report._repr_html_()).texts)
    assert "groq/openai/gpt-oss-120b" in words
    assert "quota gone 429" in words
    assert "1 fail-over" in words
    asked = router.explain("Hi", model="gpt-oss-120b", max_tokens=10)
    words = " ".join(_read(asked._repr_html_()).texts)
    assert "would go to" in words
    assert "left alone after" in words


def test_a_router_shows_its_accounts_and_survives_a_lost_store():
    """A display never raises because a store is gone."""
    router = staged()
    assert "spends no money" in router._repr_html_()
    assert str(router) == "Router(cerebras-1, groq-1)"
    lost = staged(store="redis://127.0.0.1:1/0")
    assert "quota is not known" in lost._repr_html_()


def test_a_simulation_shows_as_a_table():
    """Counts with shares, and each account."""
    outcome = simulate(scene(provider(accounts=2)))
    words = " ".join(_read(outcome._repr_html_()).texts)
    assert "alpha-2" in words
    assert "served" in words


@pytest.mark.parametrize("columns", [60, 80, 100, 140])
def test_a_terminal_never_folds_a_bar(columns):
    """Each row is one line, however narrow; up to 80 columns its numbers are whole."""
    router = staged()
    sheets = router.quota_status().sheets()
    drawn_text = re.sub(r"\x1b\[[0-9;]*m", "", _drawn(sheets, columns))
    lines = drawn_text.splitlines()
    assert len(lines) == len(text(sheets).splitlines())
    assert max(map(len, lines)) <= columns
    if columns >= 80:
        assert "cerebras-1" in drawn_text
        assert "500 000" in drawn_text
    assert ("known from" in drawn_text) is (columns == 140)


def test_a_terminal_of_80_columns_shows_variables_and_pages_whole():
    """What somebody without a key has to type and to open is never cut."""
    unused = [
        Unused(provider=name, variables=variables, key_page=catalog.provider(name).key_page)
        for name, variables in catalog.key_variables().items()
        if variables
    ]
    shown = _drawn(Checkup(accounts=(), unused=tuple(unused)).sheets(), 80)
    assert "…" not in shown
    for one in unused:
        line = next(line for line in shown.splitlines() if line.startswith(f"{one.provider} "))
        assert one.variables[0] in line
        assert (one.key_page or "").removeprefix("https://") in line


@pytest.mark.parametrize(("columns", "says"), [(60, "15:13 (in 60 min)"), (42, "15:13")])
def test_an_instant_stands_alone_where_there_is_no_room(columns, says):
    """How far it is goes before anything is cut; a cell that only looks like one keeps it."""
    heads = (Head("a", cut=True), Head("b"), Head("c", fold=True))
    sheet = Sheet(heads=heads, rows=(("x" * 20, When(NOW + 3600, NOW), "or (in time)"),))
    plain = re.sub(r"\x1b\[[0-9;]*m", "", _drawn([sheet], columns))
    assert plain.splitlines()[1].split("  ")[:3] == ["x" * 20, says, "or (in time)"]


@pytest.mark.parametrize(
    ("share", "bar"),
    [
        (0, "░" * 10),
        (0.001, "█" + "░" * 9),
        (0.5, "█████░░░░░"),
        (0.999, "█" * 9 + "░"),
        (2, "█" * 10),
    ],
)
def test_something_is_never_drawn_as_nothing_nor_as_all(share, bar):
    """The ends of a bar are true."""
    assert drawn(share) == bar
    assert set(drawn(share, "#-")) <= {"#", "-"}


def test_columns_hold_with_wide_letters():
    """A letter that takes two columns counts as two."""
    assert width("日本e\u0301") == 5
    sheet = Sheet(heads=(Head("a"), Head("b")), rows=(("日本", "x"), ("ab", "y")))
    lines = text([sheet]).splitlines()
    assert lines[1:] == ["日本  x", "ab    y"]


def test_instants_are_told_in_the_readers_zone():
    """With the day where it is another one, and how long it takes."""
    east = timezone(timedelta(hours=3))
    assert instant(NOW, NOW, UTC) == "14:13:20"
    assert instant(NOW + 3600, NOW, east) == "18:13"
    assert instant(NOW + 60_000, NOW, UTC) == "Tue 06:53"
    assert instant(NOW + 30 * 86_400, NOW, UTC) == "21 Oct 14:13"
    assert instant(NOW + 300 * 86_400, NOW, UTC) == "2027-07-18 14:13"
    sheet = Sheet(heads=(Head("x"),), rows=((When(NOW + 3600, NOW),), (Bar(0.5, "half"),)))
    assert "15:13 (in 60 min)" in text([sheet], zone=UTC)
    assert [span(s) for s in (0, 59, 300, 7200, 1e6)] == ["0 s", "59 s", "5 min", "2 h", "12 d"]


def test_where_there_are_no_blocks_bars_are_ascii():
    """A terminal of seven bits reads them too."""
    sheet = Sheet(heads=(Head(""),), rows=((Bar(0.3, "3 of 10"),),))
    assert text([sheet], ascii_only=True) == "###------- 3 of 10"


def test_no_number_needs_letters_that_an_encoding_may_lack():
    """Thin spaces are for pages; text keeps to seven bits besides its blocks."""
    sheet = Sheet(heads=(Head(""), Head("")), rows=((Bar(1, amount(500_000)), amount(10_000)),))
    assert not amount(500_000).isascii()
    assert text([sheet], ascii_only=True) == "########## 500 000  10 000"
    assert "500 000  10 000" in _drawn([sheet])
