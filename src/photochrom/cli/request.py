"""What `photochrom colorize` was asked for, and the options that the library makes of it."""

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from photochrom.errors import ImageError, unread
from photochrom.image import SaveOptions
from photochrom.inference.options import CPU, ColorizeOptions
from photochrom.storage import is_remote, to_path

if TYPE_CHECKING:
    from photochrom.batch.naming import Naming
    from photochrom.batch.runner import BatchOptions
    from photochrom.guidance.hints import AnyHint, Hint
    from photochrom.inference.project import Project
    from photochrom.video.project import FilmProject


@dataclass(frozen=True)
class Request:
    """The options of the command, as its help describes them."""

    pictures: tuple[Path, ...]
    out: str | None
    overwrite: bool
    extension: str | None
    name: str
    suffix: str | None
    jpeg_quality: int | None
    profile: str
    pyramid: bool
    note: bool
    sign: tuple[Path, Path] | None
    summary: Path | None
    model: str
    vividness: float | None
    strength: float
    palette: str | None
    warmth: float
    allow_damaged: bool
    tone: bool
    keep_color: bool
    size: int | None
    hint: tuple[str, ...]
    hints: Path | None
    hint_layer: Path | None
    project: Path | None
    references: tuple[Path, ...]
    reference_strength: float
    variants: int | None
    recursive: bool
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    verify: bool
    watch: bool
    quality: str
    device: str
    jobs: int | None
    threads: int | None
    cluster: str | None
    dry_run: bool
    quiet: bool
    as_json: bool
    codec: str | None
    crf: int | None
    bits: str | None
    pixel_format: str | None
    memory: bool
    start: float | None
    end: float | None
    every: float | None
    fps: float | None
    old_film: bool
    every_frame: bool
    comparison: str | None

    @cached_property
    def given_hints(self) -> list["AnyHint"]:
        """The hints of the command and of a file; raises `HintError` for wrong ones."""
        from photochrom.guidance.hints import parse, read

        layer = self._on_layer(self.hint_layer) if self.hint_layer else ()
        chosen = self._project.all_hints(self._picture_size or (1, 1)) if self._project else ()
        own = read(self.hints) if self.hints else ()
        return [*chosen, *layer, *own, *map(parse, self.hint)]

    @cached_property
    def _project(self) -> "Project | None":
        """What the studio saved of a picture."""
        from photochrom.inference import project

        given = self.project
        return project.read(given) if given and not _is_of_film(given) else None

    @cached_property
    def film_project(self) -> "FilmProject | None":
        """What is given for the shots of one film."""
        from photochrom.video import project_file
        from photochrom.video.project import FilmProject, parse_reference

        project = None
        if self.project and _is_of_film(self.project):
            project = project_file.read(self.project)
        timed = [found for one in self.references if (found := parse_reference(str(one)))]
        return (project or FilmProject()).with_references(timed) if project or timed else None

    @cached_property
    def _reference(self) -> Path | None:
        """The reference without a time."""
        from photochrom.video.project import parse_reference

        untimed = [one for one in self.references if not parse_reference(str(one))]
        if len(untimed) > 1:
            raise click.UsageError(
                "one reference is for all; of a film, give the others a time: "
                f"--reference 00:12:31={untimed[1]}"
            )
        return untimed[0] if untimed else None

    @property
    def _picture_size(self) -> tuple[int, int] | None:
        """Width and height of the picture that hints are for, if it is one."""
        from photochrom.image import Picture

        with suppress(ImageError):  # what is wrong with the picture is said of it later
            return Picture(self.pictures[0]).size if self.pictures[0].is_file() else None
        return None

    def _on_layer(self, layer: Path) -> list["Hint"]:
        from photochrom.image import Limits
        from photochrom.inference.inputs import read_layer

        try:
            return read_layer(layer, self._picture_size, Limits())
        except ImageError as error:
            raise ImageError(f"the layer of hints: {error}") from error

    @property
    def has_hints(self) -> bool:
        """Whether hints are given, which are for one picture."""
        own = bool(self.hint or self.hints or self.hint_layer or self.project)
        return own or self.film_project is not None

    @property
    def colorize_options(self) -> ColorizeOptions:
        """How pictures are coloured; hints are for one of them, and come later."""
        names = ["vividness", "size", "quality", "reference_strength"]
        names += ["strength", "palette", "warmth", "tone", "allow_damaged"]
        names += ["start", "end", "fps", "old_film", "every_frame", "memory"]
        chosen: dict[str, Any] = {name: getattr(self, name) for name in names}
        chosen |= {"reference": self._reference, "project": self.film_project}
        if self._project:
            unasked = ColorizeOptions()
            for name in ("vividness", "size", "palette", "warmth", "strength"):
                if chosen[name] == getattr(unasked, name):
                    chosen[name] = getattr(self._project, name)
        return ColorizeOptions(**chosen)

    @property
    def save_options(self) -> SaveOptions:
        """How outputs are written."""
        names = ["note", "profile", "pyramid", "jpeg_quality", "overwrite", "sign"]
        names += ["codec", "crf", "pixel_format", "comparison"]
        chosen: dict[str, Any] = {name: getattr(self, name) for name in names}
        given = {name: value for name, value in chosen.items() if value is not None}
        return SaveOptions(bits=int(self.bits) if self.bits else None, **given)

    def batch_options(self, *, leave_own: bool) -> "BatchOptions":
        """How many pictures are done; with `leave_own` those that Photochrom made are not."""
        from photochrom.batch.runner import BatchOptions

        return BatchOptions(
            self.colorize_options, self.save_options, self.verify, self.keep_color, leave_own
        )

    @property
    def naming(self) -> "Naming":
        """Which pictures of a folder are taken, and how outputs are called."""
        from photochrom.batch.naming import Naming

        extension = f".{self.extension}" if self.extension else None
        suffix = self.suffix or (None if self.out else self._suffix_of_trial)
        return Naming(self.include, self.exclude, extension, self.name, self.recursive, suffix)

    @property
    def _suffix_of_trial(self) -> str | None:
        """What is behind the stem of an output beside its film that is not the film alone."""
        if self.comparison:
            return "-compared"
        return "-trial" if self.start is not None or self.end is not None else None

    @property
    def target(self) -> Path | None:
        """The picture or folder of -o."""
        return to_path(self.out) if self.out else None

    @property
    def names_directory(self) -> bool:
        """Whether -o names a folder in any case, by a slash at its end."""
        return self.out is not None and self.out.endswith(("/", os.sep))

    def check(self) -> None:
        """Raise `click.UsageError` for options that exclude one another, whatever the pictures."""
        if self.has_hints and self.variants:
            raise click.UsageError("--variants makes its own hints; leave --hint and --hints out")
        if self.dry_run and (self.watch or self.summary):
            other = "--watch" if self.watch else "--report"
            raise click.UsageError(f"--dry-run writes nothing; leave {other} out")
        if self.cluster and self.device != CPU:
            raise click.UsageError("--device is for this machine; leave it out with --ray")
        if self.quiet and self.as_json:
            raise click.UsageError("--quiet prints nothing; leave --json out")

    def check_watch(self) -> None:
        """Raise `click.UsageError` or `ImageError` for what does not go with --watch."""
        others = {
            "--hint": self.has_hints,
            "--variants": self.variants,
            "--overwrite": self.overwrite,
            "--report": self.summary,
            "--ray": self.cluster,
        }
        if given := [name for name, value in others.items() if value]:
            raise click.UsageError(f"--watch colours what is new; leave {' and '.join(given)} out")
        if any(map(is_remote, self.pictures)):
            raise click.UsageError(
                "--watch is for folders of this machine; give one, not an address"
            )
        for path in self.pictures:
            if not os.path.lexists(path):
                raise ImageError(f"{path}: there is no such file or folder; check the path")


def listed(name: str) -> list[Path]:
    """Read names of pictures from a file, or from standard input when it is called "-".

    There is one a line; or they are separated by null characters, as `find -print0` does it.
    Raises `click.UsageError` when the file cannot be read or names none.
    """
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise click.UsageError(f"--files-from {unread(name, error)}") from error
    lines = data.split(b"\0") if b"\0" in data else data.splitlines()
    found = [to_path(os.fsdecode(line)) for line in lines if line.strip()]
    if not found:
        raise click.UsageError(f"--files-from {name}: the file names no pictures; write one a line")
    return found


def _is_of_film(project: Path) -> bool:
    """Tell whether a project is one of a film, by its name."""
    return project.suffix.lower() == ".toml"
