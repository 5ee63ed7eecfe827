"""A simulated stretch of time: everybody together, then account by account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from freetier.plots.style import COLOURS, FAINT, INK, RED, Picture, picture, quiet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from freetier.testing.simulation.outcome import AccountDay, Outcome

HOUR, MINUTE = 3600.0, 60.0
LONG = 4 * HOUR
"""Seconds from which a picture counts in hours."""

BLUE, ORANGE, GREEN = COLOURS[:3]


def day(outcome: Outcome) -> Picture:
    """Draw a simulation: what was offered, served, told no and refused, and what was left.

    On top everybody together. Below, one row for each account: answers and 429s as bars a
    slice, seconds waited a request as a dotted line, and what was left of its tightest window
    as a filled line with its own scale on the right.

    Args:
        outcome: What `freetier.testing.simulate` returned.

    Raises:
        ImportError: The extra `plots` is not installed.
    """
    accounts = outcome.accounts
    made = picture(2.9 + 1.05 * len(accounts))
    axes = made.subplots(
        1 + len(accounts), 1, sharex=True, squeeze=False,
        height_ratios=(1.9, *(1.0 for _ in accounts)),
    )[:, 0]  # fmt: skip
    unit, name = (HOUR, "hours") if outcome.seconds >= LONG else (MINUTE, "minutes")
    slices = len(outcome.offered) - 1
    at = [(n + 0.5) * outcome.step / unit for n in range(slices)]
    _everybody(axes[0], outcome, at)
    for axis, account in zip(axes[1:], accounts, strict=True):
        _account(axis, account, at, outcome.step / unit)
    axes[-1].set_xlabel(f"{name}; one slice is {outcome.step:g} s", fontsize=8.5, color=FAINT)
    axes[-1].set_xlim(0, slices * outcome.step / unit)
    if accounts:
        _legend(axes[1])
    made.suptitle(
        f"{outcome.scenario}, seed {outcome.seed}", x=0.01, ha="left", fontsize=12, color=INK,
        fontweight="bold",
    )  # fmt: skip
    return made


def _everybody(axis: Axes, outcome: Outcome, at: Sequence[float]) -> None:
    count = len(at)
    served = [sum(one.served[n] for one in outcome.accounts) for n in range(count)]
    refused = [sum(one.refused[n] for one in outcome.accounts) for n in range(count)]
    quiet(axis, "All accounts, requests a slice")
    axis.fill_between(at, served, color=GREEN, alpha=0.18, linewidth=0)
    axis.plot(at, outcome.offered[:count], color=FAINT, linewidth=1.2, label="offered")
    axis.plot(at, served, color=GREEN, linewidth=1.6, label="served")
    axis.plot(at, outcome.told_no[:count], color=ORANGE, linewidth=1.2, label="told no")
    axis.plot(at, refused, color=RED, linewidth=1.2, label="refused with 429")
    axis.set_ylim(bottom=0)
    axis.legend(
        ncols=4, fontsize=8.5, frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0),
        borderaxespad=0.1, handlelength=1.4, columnspacing=1.2,
    )  # fmt: skip


def _account(axis: Axes, one: AccountDay, at: Sequence[float], width: float) -> None:
    count = len(at)
    quiet(axis, one.account)
    served, refused = one.served[:count], one.refused[:count]
    axis.bar(at, served, width, color=GREEN, alpha=0.75, label="served")
    axis.bar(at, refused, width, bottom=served, color=RED, label="429")
    waited = [
        seconds / number if number else 0.0
        for seconds, number in zip(one.waited[:count], served, strict=True)
    ]
    axis.plot(at, waited, color=INK, linewidth=0.9, linestyle=":", label="waited, s a request")
    axis.set_ylim(bottom=0)
    other = axis.twinx()
    other.plot(at, one.left[:count], color=BLUE, linewidth=1.1, label="left")
    other.fill_between(at, one.left[:count], color=BLUE, alpha=0.08, linewidth=0)
    other.set_ylim(0, 1.05)
    other.set_yticks([0, 1], ["0 %", "100 %"])
    other.tick_params(colors=BLUE, labelsize=7.5, length=0)
    for side in ("top", "right", "left"):
        other.spines[side].set_visible(False)
    axis.plot([], [], color=BLUE, linewidth=1.1, label="left of the tightest window")


def _legend(axis: Axes) -> None:
    axis.legend(
        ncols=4, fontsize=8, frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0),
        borderaxespad=0.1, handlelength=1.4, columnspacing=1.2,
    )  # fmt: skip
