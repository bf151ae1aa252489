"""Projects: what was chosen for a picture in the studio, in a JSON file."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photochrom.errors import HintError
from photochrom.guidance import hints as points
from photochrom.guidance import strokes as brush
from photochrom.guidance.hints import MAX_HINTS, AnyHint
from photochrom.guidance.strokes import Stroke


@dataclass(frozen=True)
class Project:
    """What was chosen for a picture, in its pixels."""

    vividness: float | None = None
    size: int | None = None
    palette: str | None = None
    warmth: float = 0.0
    strength: float = 1.0
    hints: tuple[AnyHint, ...] = ()
    strokes: tuple[Stroke, ...] = ()

    def all_hints(self, size: tuple[int, int]) -> list[AnyHint]:
        """Give its hints on a picture of `size` (width, height), over those of its strokes."""
        below = brush.stroke_hints(self.strokes, size, MAX_HINTS - len(self.hints))
        return [*below, *self.hints]


def read(path: Path) -> Project:
    """Read a project that the studio saved; raises `HintError` for anything else."""
    try:
        given: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return Project(
            None if given.get("vividness") is None else float(given["vividness"]),
            None if given.get("size") is None else int(given["size"]),
            None if given.get("palette") is None else str(given["palette"]),
            float(given.get("warmth") or 0),
            float(given.get("strength", 1)),
            tuple(points.from_json(entry) for entry in given["hints"]),
            tuple(brush.from_json(entry) for entry in given.get("strokes", ())),
        )
    except FileNotFoundError as error:
        raise HintError(f"there is no project {path}; check the path") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise HintError(
            f"{path} is not a project that the studio saved; save it there again"
        ) from error
