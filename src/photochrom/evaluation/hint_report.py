"""How well models follow hints, all of it: as text, as JSON and as a page."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photochrom import html
from photochrom.color.spaces import Samples
from photochrom.evaluation import hint_response
from photochrom.evaluation.report import interval_text
from photochrom.evaluation.thing_hints import COVERED, LEAKED, Thing, ThingScores, thing_scores
from photochrom.image import encode_rgb
from photochrom.inference.colorizer import Colorizer

_SHOWN = 8  # things of each model on the page
_ABOUT = (
    f"Recoloured things: a thing of each photograph is given another colour, and hints of it. "
    f"Coverage is the share of the thing that comes within {COVERED:g} Lab units of that colour, "
    f"leak the share of the rest that the hints move by more than {LEAKED:g}; ± half of the 95 % "
    "bootstrap interval."
)


@dataclass(frozen=True)
class HintReport:
    """What one model makes of hints."""

    name: str
    psnr: list[float]
    """In dB, by the points of the truth that are given: `hint_response.COUNTS`."""
    obedience: float
    """How far one saturated hint moves what is around it; 1 is all of the way."""
    things: ThingScores


def measure(
    name: str,
    colorizer: Colorizer,
    pictures: Sequence[Path],
    things: Sequence[Thing],
    *,
    on_progress: Callable[[], None] = lambda: None,
    **options: Any,
) -> HintReport:
    """Measure all three; raises `ModelError` when the model takes no hints."""
    options["on_progress"] = on_progress
    return HintReport(
        name,
        hint_response.psnr_by_points(colorizer, pictures, **options),
        hint_response.obedience(colorizer, pictures, **options),
        thing_scores(colorizer, things, shown=_SHOWN, **options),
    )


def text(reports: Sequence[HintReport]) -> list[str]:
    """Lay it out for a terminal."""
    wide = 24
    counts = "".join(f"{count:7}" for count in hint_response.COUNTS)
    lines = ["points of the truth".ljust(wide) + counts]
    lines += [
        f"{one.name}, PSNR".ljust(wide) + "".join(f"{value:7.2f}" for value in one.psnr)
        for one in reports
    ]
    lines += [_obedience(one) for one in reports]
    head, rows = things_table(reports)
    lines.append(head[0].ljust(wide) + "".join(cell.rjust(14) for cell in head[1:]))
    lines += [row[0].ljust(wide) + "".join(cell.rjust(14) for cell in row[1:]) for row in rows]
    return lines


def things_table(reports: Sequence[HintReport]) -> tuple[list[str], list[list[str]]]:
    """Head and rows of the table of recoloured things; a dash where there are none."""
    rows = []
    for one in reports:
        for count, things, figures in one.things.rows():
            hints = f"{count} hint{'s' * (count > 1)}" if count else "1 to 3 hints"
            cells = [interval_text(figures[name], 2) for name in ("coverage", "leak")]
            rows.append([f"{one.name}, {hints}", str(things), *cells])
        if not one.things.by_count:
            rows.append([one.name, "0", "-", "-"])
    return ["recoloured things", "things", "coverage", "leak"], rows


def write(reports: Sequence[HintReport], out: Path) -> Path:
    """Write `out`/hints.json and `out`/hints.html; give the page's path."""
    content = {one.name: _as_json(one) for one in reports}
    (out / "hints.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    head, rows = things_table(reports)
    points = ["PSNR, dB", *map(str, hint_response.COUNTS)]
    sections = [
        html.heading("Points of the truth"),
        html.table(
            points, [[one.name, *(f"{value:.2f}" for value in one.psnr)] for one in reports]
        ),
        *(html.paragraph(_obedience(one)) for one in reports),
        html.heading("Recoloured things"),
        html.table(head, rows),
        html.paragraph(_ABOUT, soft=True),
    ]
    for one in reports:
        sections += [
            html.heading(one.name),
            html.row([_example(*pair) for pair in one.things.shown]),
        ]
    path = out / "hints.html"
    path.write_text(html.page("Hints", sections), encoding="utf-8")
    return path


def _obedience(report: HintReport) -> str:
    within = f"within {hint_response.NEAR} pixels of 256"
    of_the_way = f"{report.obedience:.0%} of the way"
    return f"{report.name}: one saturated hint moves what is {within} {of_the_way}"


def _as_json(report: HintReport) -> dict[str, Any]:
    psnr = dict(zip(map(str, hint_response.COUNTS), report.psnr, strict=True))
    things = {
        str(count) if count else "all": {"things": number, **figures}
        for count, number, figures in report.things.rows()
    }
    return {"PSNR": psnr, "obedience": report.obedience, "recoloured things": things}


def _example(thing: Thing, predicted: Samples) -> str:
    colors = ", ".join(color for _, _, color in thing.hints)
    caption = f"left: the model's, right: asked for; hints {colors}"
    encoded = [encode_rgb(one, ".jpg") for one in (_marked(predicted, thing), thing.wanted)]
    return html.compare(encoded[0], encoded[1], caption)


def _marked(predicted: Samples, thing: Thing) -> Samples:
    """Draw a white square with a dark rim at each hint."""
    marked = predicted.copy()
    for x, y, _ in thing.hints:
        row, column = int(y), int(x)
        marked[max(0, row - 3) : row + 4, max(0, column - 3) : column + 4] = 0
        marked[max(0, row - 2) : row + 3, max(0, column - 2) : column + 3] = 255
    return marked
