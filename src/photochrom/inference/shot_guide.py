"""What the shots of a film take their colours from: references, hints and palettes."""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from photochrom.color.spaces import Floats
from photochrom.errors import HintError
from photochrom.guidance.hints import AnyHint
from photochrom.guidance.matching import Exemplar, share_of_scene
from photochrom.image import Limits, Picture
from photochrom.inference.guide import Reference, Suggester, TrackedHints
from photochrom.inference.inputs import as_reference, open_picture, open_still, read_palette
from photochrom.inference.options import ColorizeOptions
from photochrom.video.project import FilmProject, TimedPoint, TimedReference
from photochrom.video.timecode import format_time

if TYPE_CHECKING:
    from photochrom.video.reader import Film, Frame

_ENOUGH = 0.4
"""Share of a shot that may be of a reference's scene, from which its colours are borrowed. Pieces
of photographs have more of another piece of the same (92 % of 87), seldom of another photograph
(2 % of 261)."""
_ANY = "#808080"  # of a point whose colour does not matter
_ASPECT = 0.03  # by how much of it a still's aspect may differ from the film's


@dataclass(frozen=True)
class ShotGuide:
    """What one shot takes its colours from."""

    options: ColorizeOptions
    exemplar: Exemplar | None = None
    """Its references, or those of the shot that is most alike."""
    tracked: tuple[TrackedHints, ...] = ()
    lender: int | None = None
    """The index of the shot whose references these are, where it has none of its own."""


class FilmGuide:
    """What the shots of a film take their colours from.

    `reference` is for all shots that have none and are like none that has one. Everything that is
    given is read here: raises `HintError` and `ImageError` for what is wrong in it.
    """

    def __init__(
        self,
        suggester: Suggester,
        film: "Film",
        options: ColorizeOptions,
        reference: Reference | None,
        limits: Limits,
    ) -> None:
        self._suggester, self._film, self._limits = suggester, film, limits
        self._options, self._reference = options, reference
        self._project = options.project or FilmProject()
        self._project.check(film)
        self._palettes = {
            shot.begin: self._with_palette(shot.palette)
            for shot in self._project.shots
            if shot.palette
        }
        still = open_still(film, options.still, limits) if options.hints else None
        self._everywhere = suggester.tracked(still, list(options.hints)) if still else None
        self._tracked = self._tracked_by_time()
        self.forgotten = self._seen_at(self._project.forgotten)
        """What is seen at the things whose colours are not remembered, (n, C); None of none."""
        self._references = [(one.at, self._read(one)) for one in self._project.references]
        self._of_shots: dict[int, ShotGuide] = {}

    def _with_palette(self, palette: str) -> ColorizeOptions:
        options = replace(self._options, palette=palette, reference=None)
        options = read_palette(options, self._limits)
        self._suggester.model.check_prior(options.prior)
        return options

    def _tracked_by_time(self) -> dict[tuple[float, bool], TrackedHints]:
        """Look at what the project's hints are on, by their times, and whether for all shots."""
        given = defaultdict[tuple[float, bool], list[AnyHint]](list)
        for one in self._project.hints:
            given[one.at, one.everywhere].append(one.hint)
        return {
            (at, everywhere): self._suggester.tracked(self._still(at), hints)
            for (at, everywhere), hints in given.items()
        }

    def _seen_at(self, points: Iterable[TimedPoint]) -> Floats | None:
        seen = [
            self._suggester.tracked(self._still(one.at), [(one.x, one.y, _ANY)]).directions
            for one in points
        ]
        return np.concatenate(seen) if seen else None

    def _still(self, at: float) -> Picture:
        return Picture(self._film.still(min(self._film.width, self._film.height), at))

    def _read(self, given: TimedReference) -> Reference:
        """Look at a reference; raises `ImageError` for what is no picture of the film's aspect."""
        film, name = self._film, f"reference at {format_time(given.at)}"
        with as_reference(name):
            still = open_picture(given.still, self._limits)
            deque(still.bands(), maxlen=0)  # one that is cut off could be shrunk
            shown = film.width * film.shape_of_pixels / film.height
            aspects = {film.width / film.height, float(shown)}
            aspect = still.width / still.height
            if all(abs(aspect / one - 1) > _ASPECT for one in aspects):
                raise HintError(
                    f"the {name} has {still.width} x {still.height} pixels, the film "
                    f"{film.width} x {film.height}; give a frame of the film, uncut"
                )
            return self._suggester.reference(still)

    @cached_property
    def _begins(self) -> list[float]:
        """When the shots begin; one that lasts for all of the film where none are asked for."""
        if self._project.shots:
            return [shot.begin for shot in self._project.shots]
        if not self._project.needs_shots:
            return [0.0]
        from photochrom.video.shots import shots_of

        return [shot.begin for shot in shots_of(self._film)]

    def shot_at(self, frame: "Frame") -> int:
        """Tell in which shot a frame is, by its index."""
        return self._index(self._film.seconds_of(frame))

    def _index(self, seconds: float) -> int:
        from photochrom.video.shots import index_at

        return index_at(self._begins, seconds)

    def of_shot(self, index: int) -> ShotGuide:
        """Give what a shot takes its colours from."""
        if index not in self._of_shots:
            self._of_shots[index] = self._made(index)
        return self._of_shots[index]

    def _made(self, index: int) -> ShotGuide:
        here = [
            one
            for (at, everywhere), one in self._tracked.items()
            if not everywhere and self._index(at) == index
        ]
        tracked = [*here, *(one for (_, everywhere), one in self._tracked.items() if everywhere)]
        tracked += [self._everywhere] if self._everywhere else []
        options = self._palettes.get(self._begins[index], self._options)
        own = self._lent.get(index)
        lender = None if own else self._lender(index)
        exemplar = own or (None if lender is None else self._lent[lender])
        if not exemplar and self._reference:
            exemplar = self._reference.exemplar
        return ShotGuide(options, exemplar, tuple(tracked), lender)

    @cached_property
    def _lent(self) -> dict[int, Exemplar]:
        """The references of each shot that has some."""
        found = defaultdict[int, list[Exemplar]](list)
        for at, reference in self._references:
            found[self._index(at)].append(reference.exemplar)
        return {index: Exemplar.merged(several) for index, several in found.items()}

    def _lender(self, index: int) -> int | None:
        """Give the shot with a reference that one without is most like, if it is like any."""
        if not self._lent:
            return None
        end = self._project.film.seconds if self._project.film else self._film.seconds
        begins = [*self._begins, max(end, self._begins[-1])]
        still = self._still((begins[index] + begins[index + 1]) / 2)
        seen = self._suggester.prediction(still)
        alike = {shot: share_of_scene(*seen, one) for shot, one in self._lent.items()}
        best = max(alike, key=lambda shot: alike[shot])
        return best if alike[best] >= _ENOUGH else None

    @property
    def facts(self) -> dict[str, str]:
        """Say, for the note, what was given."""
        path, count = self._project.path, len(self._references)
        given = {"Project": path.name if path else "", "References": str(count) if count else ""}
        return {name: text for name, text in given.items() if text}

    @property
    def fingerprint(self) -> str:
        """Name all that colours are taken from, for an output's settings key."""
        strength = self._options.reference_strength
        said = self._reference.fingerprint(strength) if self._reference else ""
        if self._everywhere and self._options.still is not None:
            said += self._everywhere.fingerprint
        if self._options.project is None:
            return said
        begins = [shot.begin for shot in self._project.shots]
        palettes = [(begin, str(one.palette)) for begin, one in self._palettes.items()]
        timed = [(at, one.fingerprint(strength)) for at, one in self._references]
        hints = [(*when, one.fingerprint, one.hints) for when, one in self._tracked.items()]
        forgotten = [*self._project.forgotten]
        return f"{said} {begins} {palettes} {timed} {hints} {forgotten}"

    def notes(self) -> list[str]:
        """Say which shots have the colours of another's references, and which are like none."""
        borrowers, alone = defaultdict[int, list[int]](list), list[int]()
        for index in range(len(self._begins)) if self._references else ():
            lender = self.of_shot(index).lender
            if lender is not None:
                borrowers[lender].append(index + 1)
            elif index not in self._lent:
                alone.append(index + 1)
        said = [
            f"{_numbered(shots)} {'has' if len(shots) == 1 else 'have'} the colours of shot "
            f"{lender + 1}, which has a reference"
            for lender, shots in sorted(borrowers.items())
        ]
        if alone:
            said.append(
                f"{_numbered(alone)} {'is' if len(alone) == 1 else 'are'} like no shot that has a "
                "reference"
            )
        return said


def _numbered(shots: list[int]) -> str:
    """Write "shot 3", or "shots 3, 4 and 7"."""
    if len(shots) == 1:
        return f"shot {shots[0]}"
    return f"shots {', '.join(map(str, shots[:-1]))} and {shots[-1]}"
