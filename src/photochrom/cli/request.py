"""What `photochrom colorize` was asked for, and the options that the library makes of it."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from photochrom.errors import ImageError
from photochrom.image import JPEG_QUALITY, SaveOptions
from photochrom.inference.options import ColorizeOptions
from photochrom.storage import is_remote, to_path

if TYPE_CHECKING:
    from photochrom.batch.plan import Naming
    from photochrom.batch.runner import BatchOptions
    from photochrom.guidance.hints import Hint


@dataclass(frozen=True)
class Request:
    """The options of the command, as its help describes them."""

    pictures: tuple[Path, ...]
    out: str | None
    overwrite: bool
    extension: str | None
    name: str
    jpeg_quality: int | None
    profile: str
    pyramid: bool
    note: bool
    summary: Path | None
    model: str
    vividness: float | None
    strength: float
    tone: bool
    keep_color: bool
    size: int | None
    hint: tuple[str, ...]
    hints: Path | None
    reference: Path | None
    variants: int | None
    recursive: bool
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    verify: bool
    watch: bool
    quality: str
    jobs: int | None
    threads: int | None
    cluster: str | None

    @cached_property
    def given_hints(self) -> list["Hint"]:
        """The hints of the command and of a file; raises `HintError` for wrong ones."""
        from photochrom.guidance.hints import parse, read

        return [*(read(self.hints) if self.hints else ()), *map(parse, self.hint)]

    @property
    def colorize_options(self) -> ColorizeOptions:
        """How pictures are coloured; hints are for one of them, and come later."""
        names = ("vividness", "size", "quality", "reference", "strength", "tone")
        chosen: dict[str, Any] = {name: getattr(self, name) for name in names}
        return ColorizeOptions(**chosen)

    @property
    def save_options(self) -> SaveOptions:
        """How outputs are written."""
        quality = self.jpeg_quality or JPEG_QUALITY
        return SaveOptions(self.note, self.profile, self.pyramid, quality, self.overwrite)

    @property
    def batch_options(self) -> "BatchOptions":
        """How many pictures are done."""
        from photochrom.batch.runner import BatchOptions

        return BatchOptions(self.colorize_options, self.save_options, self.verify, self.keep_color)

    @property
    def naming(self) -> "Naming":
        """Which pictures of a folder are taken, and how outputs are called."""
        from photochrom.batch.plan import Naming

        extension = f".{self.extension}" if self.extension else None
        return Naming(self.include, self.exclude, extension, self.name, self.recursive)

    @property
    def target(self) -> Path | None:
        """The picture or folder of -o."""
        return to_path(self.out) if self.out else None

    @property
    def names_directory(self) -> bool:
        """Whether -o names a folder in any case, by a slash at its end."""
        return self.out is not None and self.out.endswith(("/", os.sep))

    def check_watch(self) -> None:
        """Raise `click.UsageError` or `ImageError` for what does not go with --watch."""
        if self.hint or self.hints or self.variants or self.overwrite or self.summary:
            raise _WATCH_ALONE
        if self.cluster:
            raise _WATCH_ALONE
        if any(map(is_remote, self.pictures)):
            raise click.UsageError("--watch watches folders of this machine, not addresses")
        for path in self.pictures:
            if not os.path.lexists(path):
                raise ImageError(f"{path}: no such file or folder")


_WATCH_ALONE = click.UsageError("--watch colours what is new, and goes without those options")
