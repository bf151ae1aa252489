"""What is remembered of a film's things: a list of them, with their colours and shots."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from photochrom.errors import ModelError
from photochrom.guidance.hints import from_ab
from photochrom.guidance.memory import LIKE, Take, ThingMemory
from photochrom.guidance.things import SeenThing, ThingList
from photochrom.image import Limits, OnProgress
from photochrom.inference.film import FramePredictor, Memory
from photochrom.inference.guide import Suggester
from photochrom.inference.options import ColorizeOptions
from photochrom.inference.shot_guide import FilmGuide
from photochrom.video import open_film
from photochrom.video.project import FilmProject, FilmThing

if TYPE_CHECKING:
    from photochrom.video.reader import Film


def find_things(
    path: Path,
    suggester: Suggester,
    options: ColorizeOptions,
    limits: Limits,
    on_progress: OnProgress | None = None,
) -> list[FilmThing]:
    """Find the things of a film, by a frame in the middle of each shot that its project has.

    `on_progress` is told how many shots are done. Raises what `Colorizer.things` does.
    """
    if not suggester.model.gives_suggestions:
        name = suggester.model.info["name"]
        raise ModelError(f"the model {name} remembers no things; choose vivid")
    project = options.project or FilmProject()
    film = open_film(path, limits.pixels, fps=options.fps)
    guide = FilmGuide(suggester, film, options, None, limits)
    predictor = FramePredictor(suggester, options, guide, limits)
    found, times = ThingList(), list[float]()
    for number, (moment, take) in enumerate(_takes(film, predictor, project), 1):
        times.append(moment)
        found.add(take)
        if on_progress:
            on_progress(number, len(project.shots))

    def described(seen: SeenThing) -> FilmThing:
        thing = seen.thing
        x, y = (int(side * film.height) for side in thing.point)
        color = from_ab(thing.ab, thing.lightness)
        lost = guide.forgotten is not None and (guide.forgotten @ thing.direction > LIKE).any()
        return FilmThing(times[seen.shots[0]], x, y, color, tuple(seen.shots), bool(lost))

    return [described(one) for one in found.things]


def _takes(
    film: "Film", predictor: FramePredictor, project: FilmProject
) -> Iterator[tuple[float, Take]]:
    """Give of each shot when its frame is shown, and what is remembered of that."""
    begins, memory = [shot.begin for shot in project.shots], Memory()
    ends = [*begins[1:], project.film.seconds if project.film else film.seconds]
    for begin, end in zip(begins, ends, strict=False):
        middle = (begin + max(begin, end)) / 2
        for moment, frame in film.near([middle], middle - begin):
            _, memory = predictor.predict(frame, 0, memory)
            if now := ThingMemory.of(memory).now:
                yield moment, now
