"""Jobs, and how their outputs are called."""

import os
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from photochrom import video
from photochrom.errors import ImageError
from photochrom.guidance.hints import AnyHint
from photochrom.image import ARCHIVE, FORMATS, RAW, READABLE, check_target
from photochrom.storage import is_remote
from photochrom.video.sequence import is_sequence

SUFFIX = "-colour"
"""What is behind the stem of an output that lies beside its picture."""
_UNWRITTEN = {".heic": ".avif", ".heif": ".avif"}  # HEVC encoders are rare
_UNWRITTEN |= dict.fromkeys(RAW, ".tif")
_UNWRITTEN |= {".jpe": ".jpg", ".jfif": ".jpg", ".mpo": ".jpg", ".hif": ".avif", ".apng": ".png"}
_UNWRITTEN |= dict.fromkeys(ARCHIVE, ".png") | dict.fromkeys(
    (".jp2", ".j2k", ".jpf", ".jpx"), ".tif"
)
_UNWRITTEN |= {".gif": ".webp"}
_UNWRITTEN |= dict.fromkeys(video.EXTENSIONS - set(video.WRITTEN), ".mkv")  # which holds any sound
_NAMED = {*READABLE, *video.EXTENSIONS, *_UNWRITTEN}
_UNTOLD = ".png"  # of the output, where the input's name tells no format: nothing is lost in it


@dataclass(frozen=True)
class Job:
    """One picture to colour, or one page of a file."""

    source: Path
    target: Path
    hints: tuple[AnyHint, ...] = ()
    page: int | None = None
    """From 0; all of them, or the only one, if it is None."""
    is_input: bool = field(default=False, compare=False)
    """Whether the target is among the pictures that were given."""
    replace: bool = field(default=False, compare=False)
    """Whether a file that is there may be replaced; set when the job's turn comes."""

    def check(self, *, pyramid: bool = False) -> None:
        """Raise `ImageError` when the target's ending tells no format of a picture, or a film."""
        if video.is_film(self.source):
            video.check_target(self.target)
        else:
            try:
                check_target(self.target, pyramid=pyramid)
            except ImageError as error:
                raise ImageError(f"{error}, or pass extension=.tif") from error


@dataclass(frozen=True)
class Naming:
    """Which pictures of a folder are taken, and how outputs are called."""

    include: tuple[str, ...] = ()
    """Patterns such as "*.tif" or "1910/*", of paths below the folder; all if there are none."""
    exclude: tuple[str, ...] = ()
    extension: str | None = None
    """Of the outputs, such as ".png" or, of films, ".mp4"; as the input's if it is not given."""
    name: str = "{stem}"
    """Of the outputs, without file extension; {ext} and {parent} are the input's, too."""
    recursive: bool = True
    suffix: str | None = None
    """Behind the stems of outputs; `SUFFIX` where they lie beside their pictures, else nothing."""

    @property
    def suffix_beside(self) -> str:
        """What is behind the stem of an output, or a folder of them, beside its picture."""
        return SUFFIX if self.suffix is None else self.suffix

    def takes(self, path: str) -> bool:
        """Whether a picture, by its path below the folder, is wanted."""
        if not self.recursive and "/" in path:
            return False
        wanted = not self.include or any(fnmatch(path, one) for one in self.include)
        return wanted and not any(fnmatch(path, one) for one in self.exclude)

    def searches(self, directory: str) -> bool:
        """Whether pictures are wanted of a folder in the folder."""
        return self.recursive and not any(fnmatch(f"{directory}/", one) for one in self.exclude)

    def beside(self, source: Path) -> Path:
        """Name the output of a picture, beside it."""
        if is_sequence(source) and source.parent.name:
            parent = source.parent
            return self.target(
                source, parent.with_name(parent.name + self.suffix_beside) / source.name, ""
            )
        return self.target(source, source, self.suffix_beside)

    def target(self, source: Path, path: Path, suffix_of_stem: str | None = None) -> Path:
        """Name the output of a picture that would be `path` if it were called like the picture."""
        stem, suffix = os.path.splitext(path.name)
        if suffix.lower() not in _NAMED:
            stem, suffix = path.name, _UNTOLD
        fits = video.is_film(path) == (self.extension in video.WRITTEN)
        extension = self.extension if self.extension and fits else suffix
        stem += (self.suffix or "") if suffix_of_stem is None else suffix_of_stem
        name = self._fill(source, stem) + _UNWRITTEN.get(extension.lower(), extension)
        return path if name == path.name else path.with_name(name)

    def check_single(self, target: Path) -> None:
        """Raise `ImageError` when an output's own name is to be another one as well."""
        suffix_of_target = target.suffix.lower()
        if self.extension and FORMATS.get(self.extension, self.extension) != FORMATS.get(
            suffix_of_target, suffix_of_target
        ):
            raise ImageError(
                f"{target}: this name and the format {self.extension} differ; leave one of them out"
            )
        for what, value in (("pattern", self.name), ("suffix", self.suffix)):
            if value not in ("{stem}", None):
                raise ImageError(
                    f"{target}: this names the output, and so does the {what} {value!r}; leave one "
                    "of them out"
                )

    def _fill(self, source: Path, stem: str) -> str:
        if self.name == "{stem}":
            filled = stem
        else:
            parent = (source if is_remote(source) else source.absolute()).parent
            try:
                filled = self.name.format(stem=stem, ext=source.suffix[1:], parent=parent.name)
            except (LookupError, ValueError, AttributeError, TypeError) as error:
                raise self._wrong() from error
        if not filled.strip(".") or set(filled) & set("/\0"):
            raise self._wrong()
        return filled

    def _wrong(self) -> ImageError:
        if set(self.suffix or "") & set("/\0"):
            return ImageError(f"the suffix {self.suffix!r} is not valid; write one such as -colour")
        return ImageError(
            f"the name {self.name!r} is not valid; write one such as '{{stem}}-colour'"
        )
