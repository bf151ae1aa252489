"""A coloured film, whose frames are made when it is saved."""

import dataclasses
import os
import warnings
from pathlib import Path
from typing import Any, Unpack

from photochrom.errors import ImageError, PhotochromWarning, unwritten
from photochrom.image import check_target as check_picture_target
from photochrom.image import credentials
from photochrom.image import save as save_picture
from photochrom.image.credentials import Made
from photochrom.image.encoding import SaveKeywords, SaveOptions, page_of
from photochrom.image.provenance import in_words
from photochrom.image.writer import OnProgress
from photochrom.video import check_target
from photochrom.video import contact_sheet as sheets
from photochrom.video.carried import check_streams
from photochrom.video.comparison import check_comparison, compared_size
from photochrom.video.contact_sheet import RGB
from photochrom.video.encoding import Encoding, encoding
from photochrom.video.frames import FrameColorizer, Predictor, Seen
from photochrom.video.pieces import Piece
from photochrom.video.reader import Film
from photochrom.video.segment_maker import Arrays, Crew, SegmentFormat, SegmentMaker
from photochrom.video.segments import FRAMES, Segments, open_segments
from photochrom.video.sequence import facts, is_frames, is_sequence, numbers
from photochrom.video.timecode import format_time
from photochrom.video.writer import concatenate, write_pictures

_SEGMENT = FRAMES
_VERSION = 4  # of the way in which frames are coloured: segments of another one are made anew


class ColorizedFilm:
    """A coloured film; its frames are made when it is saved.

    `predictor` asks a model, which sees of the frames what `seen` says. `made_by` names all that
    the colours depend on besides the film.
    """

    def __init__(
        self,
        film: Film,
        predictor: Predictor,
        seen: Seen,
        *,
        strength: float,
        threads: int,
        note: dict[str, str],
        made_by: str,
    ) -> None:
        self.film, self.note = film, note
        self._predictor, self._threads, self._made_by = predictor, threads, made_by
        self._seen = seen
        self._colorizer = FrameColorizer(film, predictor, seen, strength, threads)
        self._comparison = ""
        self.crew: Crew | None = None
        """Makes segments elsewhere; where there is none, they are made here."""

    def __repr__(self) -> str:
        shown = repr(self.film).removeprefix("<Film ").removesuffix(">")
        made_by = self.note.get("Model", "")
        return f"<ColorizedFilm {shown}{made_by and ', by '}{made_by}>"

    @property
    def had_color(self) -> bool:
        """Whether the film had colours of its own, which are dropped."""
        return self.film.has_color()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.film.width, self.film.height

    def notes(self) -> list[str]:
        """Say from which shots others have colours; more is known once it has been saved."""
        return self._predictor.notes()

    def save(
        self,
        path: str | Path,
        options: SaveOptions = SaveOptions(),
        *,
        on_progress: OnProgress | None = None,
        **keywords: Unpack[SaveKeywords],
    ) -> None:
        """Write the film, with its sound and subtitles, as .mp4, .m4v, .mov, .mkv or .webm.

        Frames, such as frames/%05d.png, may be .png, .jpg or .tif.

        Unless `codec`, `bits` or `pixel_format` say otherwise, it is H.264 of 8 bits, 4:2:0 and
        even sides, which every player shows (VP9 in a .webm); what that drops of the film, or adds
        to it, is a `PhotochromWarning`. Stopped at any moment, it goes on after the last segment
        that was done when it is called again. `keywords` are fields of `SaveOptions`: with `note` a
        comment names the model and the options; `profile` and `pyramid` are refused, and
        `jpeg_quality` is for frames that are JPEGs: they are for pictures, which lie among films.
        `on_progress` is told how many frames are done. Raises `ImageError` when the file exists
        (unless `overwrite`), for what its codec does not take, and when it cannot be written.
        """
        target, options = Path(path), dataclasses.replace(options, **keywords)
        check_target(target)
        credentials.check_format(target, options.sign)
        if options.profile != "srgb" or options.pyramid:
            raise ImageError(
                f"{target}: a film has neither another profile nor a pyramid; leave them out"
            )
        if (target.exists() or is_frames(target)) and not options.overwrite:
            raise ImageError(f"{target}: exists already; pass overwrite=True to replace it")
        chosen = encoding(options, self.film.depth, target)
        self._comparison = check_comparison(options.comparison)
        self._warn(target, chosen)
        try:
            with open_segments(target, chosen.codec.segment, self._settings(chosen)) as segments:
                if is_sequence(target):
                    last = self._save_frames(segments, target, chosen, options, on_progress)
                else:
                    last = self._save_file(segments, target, chosen, options, on_progress)
        except OSError as error:
            raise unwritten(target, error) from error
        self._warn_of_damage(last)

    def _save_file(
        self,
        segments: Segments,
        target: Path,
        chosen: Encoding,
        options: SaveOptions,
        on_progress: OnProgress | None,
    ) -> float:
        """Make a file; give when its last piece begins, in seconds."""
        whole = segments.directory / f"whole{target.suffix}"
        self._warn_of_streams(target, check_streams(self.film, whole))
        self._complete(segments, chosen, on_progress)
        note = in_words(self.note) if options.note else ""
        last = concatenate(self.film, segments.files, whole, note)
        os.replace(self._signed(whole, target, options), target)
        return last

    def _save_frames(
        self,
        segments: Segments,
        target: Path,
        chosen: Encoding,
        options: SaveOptions,
        on_progress: OnProgress | None,
    ) -> float:
        """Make pictures, with the numbers of the film's own, or from 1 on."""
        film = self.film
        self._warn_of_streams(target, [f"leaves out the sound ({one})" for one in film.sound])
        self._complete(segments, chosen, on_progress)
        first = numbers(film.path)[0] if is_sequence(film.path) and not film.excerpt else 1
        note = self.note if options.note else {}
        return write_pictures(segments.files, segments.directory, target, first, note, options)

    def _warn_of_damage(self, last: float) -> None:
        """Say what the film lacks; `last` is when the last piece of its output begins."""
        film = self.film
        if said := str(film.damage):
            warnings.warn(f"{film.path}: {said}", PhotochromWarning, stacklevel=3)
        if film.is_cut_off(last):
            warnings.warn(
                f"{film.path}: is cut off at {format_time(last)} of {format_time(film.seconds)}; "
                "what is there is coloured",
                PhotochromWarning,
                stacklevel=3,
            )

    def sheet(self, every: float, *, on_progress: OnProgress | None = None) -> RGB:
        """Give a contact sheet, (H, W, 3) uint8 sRGB: a frame about every so many seconds.

        Frames are looked up, and only these are coloured, each alone; below each stands its time.
        Raises `ImageError` where there would be more than `contact_sheet.MAX_CELLS`.
        """
        film, times = self.film, self._sheet_times(every)
        size = sheets.cell_size(round(film.width * film.shape_of_pixels), film.height)
        cells, captions = [], []
        for number, (moment, frame) in enumerate(film.near(times, every / 2), 1):
            cells.append(self._colorizer.alone(frame, *size))
            captions.append(format_time(moment)[:-2])  # to the tenth of a second
            if on_progress:
                on_progress(number, len(times))
        return sheets.contact_sheet(cells, captions)

    def sheet_length(self, every: float) -> int:
        """Tell how many frames `sheet` has; raises `ImageError` where these are too many."""
        return len(self._sheet_times(every))

    def _sheet_times(self, every: float) -> list[float]:
        film, excerpt = self.film, self.film.excerpt
        end = excerpt.end or film.seconds or film.measured()[1]
        return sheets.times(excerpt.start or 0.0, end, every, film.path)

    def save_sheet(
        self,
        path: str | Path,
        every: float,
        options: SaveOptions = SaveOptions(),
        *,
        on_progress: OnProgress | None = None,
        **keywords: Unpack[SaveKeywords],
    ) -> None:
        """Write `sheet` as a picture, with the note of how it was coloured; raises `ImageError`."""
        target, options = Path(path), dataclasses.replace(options, **keywords)
        check_picture_target(target)
        if target.exists() and not options.overwrite:
            raise ImageError(f"{target}: exists already; pass overwrite=True to replace it")
        whole = self.sheet(every, on_progress=on_progress)
        save_picture(page_of(whole, self.note), target, options)

    def _warn(self, target: Path, chosen: Encoding) -> None:
        """Say what the output has less or more than the film."""
        width, height = compared_size(*self.size, self._comparison)
        across, down = chosen.padding(width, height)
        if across or down:
            warnings.warn(
                f"{target}: has {width + across} x {height + down} pixels, not {width} x {height}, "
                "for most players want even sides; the last row or column is there twice",
                PhotochromWarning,
                stacklevel=3,
            )
        if chosen.drops_bits:
            reason, advice = "as every player shows them", "pass bits=10"
            if is_sequence(target):
                reason, advice = "as JPEGs have", "name them .png or .tif"
            warnings.warn(
                f"{target}: has 8 bits, {reason}, not {self.film.depth}; {advice} to keep them",
                PhotochromWarning,
                stacklevel=3,
            )

    def _warn_of_streams(self, target: Path, said: list[str]) -> None:
        for one in said:
            warnings.warn(f"{target}: {one}", PhotochromWarning, stacklevel=3)

    def _signed(self, whole: Path, target: Path, options: SaveOptions) -> Path:
        """Give the film signed, if it is to be."""
        if not options.sign:
            return whole
        signed = whole.with_stem("signed")
        made = Made(target.name, self.note, self.film.path)
        with whole.open("rb") as source, signed.open("w+b") as copy:
            credentials.sign(source, copy, made, options.sign)
        return signed

    def _settings(self, chosen: Encoding) -> dict[str, Any]:
        path = self.film.path
        if is_sequence(path):
            about = facts(path)
        else:
            file = path.stat()
            about = [file.st_size, file.st_mtime_ns]
        source = [str(path.absolute()), *about]
        encoded = [chosen.codec.encoder, chosen.pixel_format, chosen.crf]
        made_by = {"threads": self._threads, "made by": self._made_by}
        wanted: dict[str, Any] = {"excerpt": str(self.film.excerpt), "comparison": self._comparison}
        wanted |= {"old": self._seen.old_film, "every": self._seen.every_frame, "version": _VERSION}
        return {"source": source, "encoded": encoded, **made_by, **wanted}

    def _complete(
        self, segments: Segments, chosen: Encoding, on_progress: OnProgress | None
    ) -> None:
        """Make the segments that are missing."""
        maker = self._maker(SegmentFormat(chosen, self._comparison))
        if self.crew:
            maker.make_apart(segments, _SEGMENT, self.crew, on_progress)
        else:
            maker.make_all(segments, _SEGMENT, on_progress)

    def make_segment(
        self, piece: Piece, state: Arrays, directory: Path, wanted: SegmentFormat
    ) -> tuple[Path, Arrays]:
        """Make one segment, as a member of a crew; see `SegmentMaker.make_one`."""
        return self._maker(wanted).make_one(piece, state, directory)

    def _maker(self, wanted: SegmentFormat) -> SegmentMaker:
        return SegmentMaker(self.film, self._colorizer, wanted, self._threads)
