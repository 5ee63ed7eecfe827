"""A picture of a simulation: what was served, refused, waited and left per account over time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from freetier.testing.simulation.outcome import AccountDay, Outcome

ROW_INCHES = 1.3
WIDTH_INCHES = 11
HOUR = 3600.0
MINUTE = 60.0
LONG = 4 * HOUR
"""Seconds from which a picture counts in hours."""


def draw(outcome: Outcome, path: str | Path) -> None:
    """Write a picture of a simulation; the name's ending (`.png`, `.svg`, `.pdf`) says which.

    On top everybody together: offered, served, told no, refused. Below, one row for each
    account: answers, seconds waited for them and 429s as bars a slice, and what was left of
    its tightest window as a line.

    Raises:
        ImportError: The extra `plots` is not installed.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - the extra
    except ImportError:
        raise ImportError('a picture needs matplotlib: pip install "freetier[plots]"') from None
    rows = 1 + len(outcome.accounts)
    figure = Figure(figsize=(WIDTH_INCHES, ROW_INCHES * (rows + 1)), layout="constrained")
    axes = figure.subplots(rows, 1, sharex=True, squeeze=False)[:, 0]
    unit, name = (HOUR, "h") if outcome.seconds >= LONG else (MINUTE, "min")
    slices = len(outcome.offered) - 1
    at = [(n + 0.5) * outcome.step / unit for n in range(slices)]
    width = outcome.step / unit
    _everybody(axes[0], outcome, at)
    for axis, account in zip(axes[1:], outcome.accounts, strict=True):
        _account(axis, account, at, width)
    axes[-1].set_xlabel(f"time in {name}; one slice is {outcome.step:g} s")
    axes[0].legend(ncols=4, fontsize="small", loc="upper right")
    handles = [*axes[1].get_legend_handles_labels()] if len(axes) > 1 else [[], []]
    figure.legend(*handles, ncols=4, fontsize="small", loc="outside lower center")
    figure.suptitle(f"{outcome.scenario}, seed {outcome.seed}")
    figure.savefig(path)


def _everybody(axis: Any, outcome: Outcome, at: Sequence[float]) -> None:  # noqa: ANN401
    count = len(at)
    served = [sum(one.served[n] for one in outcome.accounts) for n in range(count)]
    refused = [sum(one.refused[n] for one in outcome.accounts) for n in range(count)]
    axis.plot(at, outcome.offered[:count], color="0.6", label="offered")
    axis.plot(at, served, color="tab:green", label="served")
    axis.plot(at, outcome.told_no[:count], color="tab:orange", label="told no")
    axis.plot(at, refused, color="tab:red", label="refused with 429")
    axis.set_ylabel("all, a slice", fontsize="small")
    axis.set_ylim(bottom=0)


def _account(axis: Any, one: AccountDay, at: Sequence[float], width: float) -> None:  # noqa: ANN401
    count = len(at)
    axis.bar(at, one.served[:count], width, color="tab:green", label="served")
    axis.bar(
        at, one.refused[:count], width, bottom=one.served[:count], color="tab:red", label="429"
    )
    axis.set_ylabel(one.account, fontsize="small")
    waited = [
        seconds / served if served else 0.0
        for seconds, served in zip(one.waited[:count], one.served[:count], strict=True)
    ]
    other = axis.twinx()
    other.plot(at, one.left[:count], color="tab:blue", linewidth=0.8)
    other.set_ylim(0, 1.05)
    other.set_ylabel("left", fontsize="x-small", color="tab:blue")
    axis.plot(at, waited, color="0.4", linewidth=0.8, linestyle=":", label="waited, s a request")
    axis.plot([], [], color="tab:blue", label="share left (right scale)")
