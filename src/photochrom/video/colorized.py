"""A coloured film, whose frames are made when it is saved."""

import dataclasses
import os
from collections.abc import Iterator
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, Unpack

from photochrom.color.spaces import Samples
from photochrom.errors import ImageError
from photochrom.image import credentials
from photochrom.image.credentials import Made
from photochrom.image.provenance import in_words
from photochrom.image.writer import OnProgress, SaveKeywords, SaveOptions
from photochrom.video import check_target
from photochrom.video.frames import FrameColorizer, PredictFrame, State
from photochrom.video.reader import Film
from photochrom.video.segments import Segments, open_segments
from photochrom.video.smoothing import SmoothedFrame
from photochrom.video.writer import SEGMENT_EXTENSION, check_sound, concatenate, write_segment

_SEGMENT = 240  # frames
_CRF = 17  # of x264, lower is finer: below what anybody sees


class ColorizedFilm:
    """A coloured film; its frames are made when it is saved.

    `predict` asks a model, which sees frames at `seen`, (width, height). `made_by` names all that
    the colours depend on besides the film.
    """

    def __init__(
        self,
        film: Film,
        predict: PredictFrame,
        seen: tuple[int, int],
        *,
        strength: float,
        threads: int,
        note: dict[str, str],
        made_by: str,
    ) -> None:
        self.film, self.note = film, note
        self._threads, self._made_by = threads, made_by
        self._colorizer = FrameColorizer(film, predict, seen, strength, threads)
        self.had_color = film.has_color()
        """Whether the film had colours of its own, which are dropped."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.film.width, self.film.height

    def save(
        self,
        path: str | Path,
        options: SaveOptions = SaveOptions(),
        *,
        on_progress: OnProgress | None = None,
        **keywords: Unpack[SaveKeywords],
    ) -> None:
        """Write the film, with its sound and subtitles, as .mp4, .m4v, .mov or .mkv.

        Stopped at any moment, it goes on after the last segment that was done when it is called
        again. `keywords` are fields of `SaveOptions`: with `note` a comment names the model and
        the options; `profile` and `pyramid` are refused, and `jpeg_quality` means nothing here:
        they are for pictures, which may lie among films. `on_progress` is told how many frames are
        done. Raises `ImageError` when the file exists (unless `overwrite`) or cannot be written.
        """
        target, options = Path(path), dataclasses.replace(options, **keywords)
        check_target(target)
        credentials.check_format(target, options.sign)
        if options.profile != "srgb" or options.pyramid:
            raise ImageError(f"{target}: a film has neither another profile nor a pyramid")
        if target.exists() and not options.overwrite:
            raise ImageError(f"{target}: exists already; add --overwrite to replace it")
        try:
            with open_segments(target, SEGMENT_EXTENSION, self._settings()) as segments:
                whole = segments.directory / f"whole{target.suffix}"
                check_sound(self.film, whole)
                self._complete(segments, on_progress)
                note = in_words(self.note) if options.note else ""
                concatenate(self.film, segments.files, whole, note)
                os.replace(self._signed(whole, target, options), target)
        except OSError as error:
            raise ImageError(f"{target}: cannot be written ({error.strerror})") from error

    def _signed(self, whole: Path, target: Path, options: SaveOptions) -> Path:
        """Give the film signed, if it is to be."""
        if not options.sign:
            return whole
        signed = whole.with_stem("signed")
        made = Made(target.name, self.note, self.film.path)
        with whole.open("rb") as source, signed.open("w+b") as copy:
            credentials.sign(source, copy, made, options.sign)
        return signed

    def _settings(self) -> dict[str, Any]:
        file = self.film.path.stat()
        source = [str(self.film.path.absolute()), file.st_size, file.st_mtime_ns]
        return {"source": source, "threads": self._threads, "made by": self._made_by}

    def _complete(self, segments: Segments, on_progress: OnProgress | None) -> None:
        """Make the segments that are missing."""
        state = segments.state()
        frames = self._colorizer.frames(State.of(state) if state else None)
        frames = self._counted(frames, on_progress)
        for first in frames:
            segments.add(partial(self._write, chain([first], islice(frames, _SEGMENT - 1))))

    def _counted(
        self, frames: Iterator[tuple[SmoothedFrame, Samples]], on_progress: OnProgress | None
    ) -> Iterator[tuple[SmoothedFrame, Samples]]:
        """Give frames, and tell how many of all have been taken."""
        for smoothed_frame, samples in frames:
            yield smoothed_frame, samples
            if on_progress:
                done = smoothed_frame.analysis.frame.number + 1
                on_progress(done, max(done, self.film.length))

    def _write(self, frames: Iterator[tuple[SmoothedFrame, Samples]], path: Path) -> dict[str, Any]:
        """Write frames as a segment; give what the next one follows on."""
        last: SmoothedFrame | None = None

        def timed() -> Iterator[tuple[Samples, int]]:
            nonlocal last
            for last, samples in frames:
                yield samples, last.analysis.frame.time

        write_segment(path, self.film, timed(), crf=_CRF, threads=self._threads)
        assert last, "a segment has a frame"
        return State.after(last).arrays()
