"""The comparison of two policies as a picture: what happens to customers, and what it costs where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.cases.simulate import OUTCOMES, Side, Simulation

NOW, THEN = "#8a9bb0", "#1f6f8b"
"""Two tones that stay apart in print and for the colour-blind."""

MOST_CATEGORIES = 8


def draw(found: Simulation, file: Path) -> None:
    """Write the picture; its kind follows the ending of `file` (png, svg, pdf). Raises OSError or ValueError."""
    from matplotlib.figure import Figure  # slow to import, and only needed here

    figure = Figure(figsize=(11, 4.5), dpi=130, constrained_layout=True)
    left, right = figure.subplots(1, 2)
    _bars(left, [(name, found.now.outcomes[name], found.then.outcomes[name]) for name in OUTCOMES])
    left.set_title(f"What happens: {found.cases:,} cases, {found.changed:,} change", loc="left", fontsize=11)
    left.set_xlabel("cases")
    _bars(right, _costs(found.now, found.then))
    total = f"{found.now.cents / 100:,.2f} → {found.then.cents / 100:,.2f} {found.currency}"
    right.set_title(f"What it offers: {total}", loc="left", fontsize=11)
    right.set_xlabel(found.currency)
    left.legend(frameon=False, loc="lower right")
    figure.suptitle(f"Policy {found.version} on stored cases", x=0.01, ha="left", fontweight="bold")
    figure.savefig(file)


def _costs(now: Side, then: Side) -> list[tuple[str, float, float]]:
    together = now.cents_by_category + then.cents_by_category
    names = [name for name, cents in together.most_common(MOST_CATEGORIES) if cents]
    rows = [
        (name.replace("_", " "), now.cents_by_category[name] / 100, then.cents_by_category[name] / 100)
        for name in names
    ]
    return rows or [("no money offered", 0.0, 0.0)]


def _bars(axes: Any, rows: list[tuple[str, float, float]]) -> None:
    places = range(len(rows))
    axes.barh([place - 0.19 for place in places], [row[1] for row in rows], 0.36, color=NOW, label="now")
    axes.barh([place + 0.19 for place in places], [row[2] for row in rows], 0.36, color=THEN, label="then")
    axes.set_yticks(list(places))
    axes.set_yticklabels([row[0] for row in rows])
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", alpha=0.25)
    axes.set_axisbelow(True)
