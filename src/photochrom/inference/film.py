"""Colouring films: how a model is asked about their frames."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from photochrom.color.spaces import Floats
from photochrom.errors import HintError
from photochrom.guidance.hints import AnyHint, in_words
from photochrom.image import Limits
from photochrom.inference import views
from photochrom.inference.fingerprint import facts_of, file_digest, settings_key
from photochrom.inference.guide import Reference, Suggester, taken_hints
from photochrom.inference.options import ColorizeOptions
from photochrom.inference.shot_guide import FilmGuide, ShotGuide
from photochrom.video import open_film

Memory = dict[str, Any]
"""The arrays of a `ThingMemory`."""

if TYPE_CHECKING:
    from photochrom.video.colorized import ColorizedFilm
    from photochrom.video.reader import Frame


class FramePredictor:
    """Asks a model about the frames of a film, as the guide of their shots says."""

    def __init__(
        self, suggester: Suggester, options: ColorizeOptions, guide: FilmGuide, limits: Limits
    ) -> None:
        self._suggester, self._guide, self._limits = suggester, guide, limits
        self._size = options.size or suggester.model.size
        self.shot_at, self.notes, self.forgotten = guide.shot_at, guide.notes, guide.forgotten

    def predict(self, frame: "Frame", turn: int, memory: Memory) -> tuple[Floats, Memory]:
        """Give ab, (2, h, w) in Lab units; the views of the quality are taken in turn."""
        self._limits.check_wanted()
        model, shot = self._suggester.model, self._guide.of_shot(self.shot_at(frame))
        view = shot.options.views[turn % len(shot.options.views)]
        small = frame.thumbnail(*model.sees(frame.size, round(self._size * view.scale)))
        hints = self._hints(frame, shot)
        if not (shot.options.memory and model.gives_suggestions):
            return views.answer(model, frame, small, view, shot.options, hints), memory
        references = shot.exemplar is not None
        things = views.ShotMemory(
            memory, begins=turn == 0, references=references, forgotten=self.forgotten
        )
        ab = views.answer(model, frame, small, view, shot.options, hints, things)
        return ab, things.arrays

    def _hints(self, frame: "Frame", shot: ShotGuide) -> list[AnyHint]:
        """Give a frame the hints of its shot, where it shows what they are on."""
        if not (shot.exemplar or shot.tracked):
            return []
        prediction, hints = self._suggester.prediction(frame)[0], list[AnyHint]()
        if shot.exemplar:
            strength = shot.options.reference_strength
            hints += taken_hints(prediction, shot.exemplar, strength, frame.size)
        for tracked in shot.tracked:
            hints += tracked.found(prediction, frame.size)
        return hints


def colorize_film(
    path: Path,
    suggester: Suggester,
    options: ColorizeOptions,
    reference: Reference | None,
    limits: Limits,
    threads: int,
) -> "ColorizedFilm":
    """Give a film in colour, whose frames are made when it is saved.

    `reference` is for all shots that have none of their own. Raises what `Colorizer.colorize` does.
    """
    if options.tone:
        raise HintError(f"{path}: the tint of a film cannot be kept; leave tone out")
    film = open_film(path, limits.pixels, options.excerpt, options.fps)
    from photochrom.video.colorized import ColorizedFilm  # what that needs is installed
    from photochrom.video.frames import Seen

    model, guide = suggester.model, FilmGuide(suggester, film, options, reference, limits)
    predictor = FramePredictor(suggester, options, guide, limits)
    size = model.sees((film.width, film.height), options.size or model.size)
    seen = Seen(size, options.old_film, options.every_frame)
    facts = facts_of(model, options, size) | {"Hints": in_words(options.hints)} | guide.facts
    asked = {**facts, "reference": guide.fingerprint, "memory": options.memory}
    made_by = settings_key(file_digest(model.path), asked)
    how: dict[str, Any] = {"strength": options.strength, "threads": threads}
    return ColorizedFilm(film, predictor, seen, **how, note=facts, made_by=made_by)
