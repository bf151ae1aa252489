"""The things of an uploaded film: what a client is told of them, chooses for them, and saves."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from photochrom.errors import HintError
from photochrom.guidance.hints import MAX_HINTS, AnyHint, to_color
from photochrom.image import Limits, OnProgress, encode_rgb, shrink
from photochrom.inference.colorizer import Colorizer
from photochrom.inference.options import ColorizeOptions
from photochrom.video import open_film, project_file
from photochrom.video.project import NO_COLOR, FilmThing, Identity, TimedHint, TimedPoint
from photochrom.web.problems import Problem

if TYPE_CHECKING:
    from photochrom.video.reader import Film
    from photochrom.video.shots import Shot

MAX_THINGS = 100
"""Things of a film that are listed."""
_PICTURE = 96  # pixels of the sides of a thing's picture,
_SHARE = 3  # which is so much of the frame's short side
_LIKELY = 6  # colours
_WANTED = 'things are a JSON list of [seconds, x, y, "#rrggbb"], or "none" for the colour'


@dataclass(frozen=True)
class ShownThing:
    """A thing of a film, as a client is shown it."""

    thing: FilmThing
    colors: list[str]
    """What it may well have, "#rrggbb", likeliest first."""
    picture: bytes
    """A JPEG of it, grey."""

    def described(self) -> dict[str, Any]:
        """Give the answer to a client; shots are counted from 1."""
        thing = self.thing
        return {
            "at": thing.at,
            "x": thing.x,
            "y": thing.y,
            "colour": thing.color,
            "colours": self.colors,
            "shots": [number + 1 for number in thing.shots],
            "forgotten": thing.is_forgotten,
        }


def parse_things(fields: Mapping[str, str]) -> dict[TimedPoint, str]:
    """Read what is chosen for things from a form; raises `Problem` 422."""
    try:
        chosen = dict(_choice(*entry) for entry in json.loads(fields.get("things", "[]")))
    except HintError as error:
        raise Problem(422, f"things: {error}") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise Problem(422, _WANTED) from error
    if len(chosen) > MAX_HINTS:
        raise Problem(422, f"a film takes colours of {MAX_HINTS} things, not {len(chosen)}")
    return chosen


def _choice(at: Any, x: Any, y: Any, color: Any) -> tuple[TimedPoint, str]:
    numbers = [float(one) for one in (at, x, y)]
    if not all(math.isfinite(one) and one >= 0 for one in numbers):
        raise ValueError
    return TimedPoint(*numbers), color if color == NO_COLOR else to_color(str(color))


@dataclass(frozen=True)
class SavedProject:
    """What was chosen for a film, to be saved as a project."""

    name: str
    """Of the film's file, as the client has it."""
    hints: tuple[AnyHint, ...]
    """On the frame that is shown."""
    things: Mapping[TimedPoint, str]
    flags: str
    """Of the command, for what a project does not hold."""

    def text(self, film: "Film", at: float | None, shots: "list[Shot]") -> str:
        """Give the project, as TOML; the frame that is shown is that at so many seconds."""
        moment = film.still_time() if at is None else at
        return project_file.text_of(
            replace(Identity.of(film, shots[-1].end), name=self.name),
            shots,
            f"{Path(self.name).stem}-project.toml",
            hints=[TimedHint(moment, one, everywhere=True) for one in self.hints],
            things=self.things,
            flags=self.flags,
        )


def find_things(
    colorizer: Colorizer,
    path: Path,
    options: ColorizeOptions,
    limits: Limits,
    on_progress: OnProgress,
) -> list[ShownThing]:
    """Find the things of a film by the shots of the options' project.

    If there are more than `MAX_THINGS`, those are given that most shots show.
    """
    found = colorizer.things(path, options, limits=limits, on_progress=on_progress)
    listed = {*sorted(found, key=lambda one: len(one.shots), reverse=True)[:MAX_THINGS]}
    film, stills = open_film(path, limits.pixels), dict[float, Any]()
    shown = []
    for one in (one for one in found if one in listed):
        thing = replace(one, at=round(one.at, 3))
        if thing.at not in stills:
            stills = {thing.at: film.still(min(film.width, film.height), thing.at)}
        still = stills[thing.at]
        colors = colorizer.suggest(still, thing.x, thing.y, _LIKELY, limits=limits)
        shown.append(ShownThing(thing, colors, _picture(still, thing.x, thing.y)))
    return shown


def _picture(still: Any, x: int, y: int) -> bytes:
    """Cut the surroundings of a point out of a frame, (H, W, 3)."""
    side = max(1, min(still.shape[:2]) // _SHARE)
    left, top = (
        min(max(0, at - side // 2), length - side)
        for at, length in zip((x, y), still.shape[1::-1], strict=True)
    )
    cut = np.ascontiguousarray(still[top : top + side, left : left + side])
    small = min(side, _PICTURE)
    return encode_rgb(shrink(cut, small, small), ".jpg")
