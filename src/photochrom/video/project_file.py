"""Film projects as TOML files.

TOML, because people write in it: it has comments, times and no commas to forget, and Python reads
it without a further library.
"""

import datetime
import json
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from photochrom.errors import HintError, PhotochromError, did_you_mean
from photochrom.guidance.hints import AnyHint, check_reach, to_color
from photochrom.video.project import (
    NO_COLOR,
    FilmProject,
    FilmThing,
    Identity,
    ShotStart,
    TimedHint,
    TimedPoint,
    TimedReference,
)
from photochrom.video.timecode import format_time, parse_time

if TYPE_CHECKING:
    from photochrom.video.reader import Film
    from photochrom.video.shots import Shot

VERSION = 1
"""Of the files."""
_BEGINNING = """\
# The shots of {name}, for: photochrom colorize {name} --project {project}{flags}
# What stands behind a # is not read. Remove it before the lines below that you want.
#
# A hint gives a point a colour: x and y are pixels of the frame that is shown at that time.
# It holds for the shot, wherever the thing is seen, and with shots = "all" for all of them;
# reach is "thing", "spot" or "everything".
#
# [[hints]]
# at = 00:00:01.5
# x = 310
# y = 420
# color = "navy"
# reach = "thing"
#
# A reference is a frame that you coloured, in a picture of its own: this writes the frame.
#   photochrom info {name} --still still.png --at 00:00:01.5
#
# [[references]]
# at = 00:00:01.5
# still = "still.png"
#
# A shot goes on up to the next one: remove one to join it to the one before, or write another.
# Below its times a shot may have a palette, as --palette takes it: palette = "hand-coloured"
"""


def write(film: "Film", shots: "list[Shot]", path: Path) -> None:
    """Write a project of a film's shots; raises `OSError` where it cannot be written."""
    seconds = shots[-1].end if shots else film.seconds
    path.write_text(text_of(Identity.of(film, seconds), shots, path.name), encoding="utf-8")


def text_of(
    film: Identity,
    shots: "list[Shot]",
    name: str,
    *,
    hints: Iterable[TimedHint] = (),
    things: Mapping[TimedPoint, str] = MappingProxyType({}),
    flags: str = "",
) -> str:
    """Give a project of a film's shots as a file called `name` holds it.

    `things` have other colours, or `NO_COLOR`; `flags` are further ones of the command.
    """
    about = asdict(film)
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in about.items()]
    text = [
        _BEGINNING.format(name=film.name, project=name, flags=flags),
        f"version = {VERSION}\n",
        "\n".join(["[film]", *lines, ""]),
    ]
    for number, shot in enumerate(shots, 1):
        times = f'from = "{format_time(shot.begin)}"\nto = "{format_time(shot.end)}"'
        text.append(f"[[shots]]  # {number}\n{times}\nframes = {shot.frames}\n")
    text += [_hint_table(one) for one in hints]
    text += [_table("things", one.at, (one.x, one.y, color)) for one, color in things.items()]
    return "\n".join(text)


def _hint_table(one: TimedHint) -> str:
    return _table("hints", one.at, one.hint) + 'shots = "all"\n' * one.everywhere


def _table(name: str, at: float, hint: AnyHint, comment: str = "") -> str:
    x, y, color, *reach = hint
    lines = [f"[[{name}]]{comment}", f'at = "{format_time(at)}"', f"x = {x:g}", f"y = {y:g}"]
    lines += [f'color = "{color}"', *(f'reach = "{far}"' for far in reach)]
    return "\n".join([*lines, ""])


def read(path: Path) -> FilmProject:
    """Read a project; raises `HintError` for what is none, naming what is wrong in it."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise HintError(f"there is no project {path}; check the path") from error
    except OSError as error:
        raise HintError(
            f"{path}: cannot be read ({error.strerror or error}); check the path"
        ) from error
    except ValueError as error:
        raise HintError(f"{path}: not valid TOML ({error}); correct that line") from error
    file = _File(path)
    if given.pop("version", None) != VERSION:
        raise HintError(f"{path}: not a project of version {VERSION}; write a new one of the film")
    film = given.pop("film", None)
    names = ("shots", "hints", "references", "things")
    tables = {name: given.pop(name, []) for name in names}
    file.check_names(given, ("film", *tables), "the project")
    shots = [file.shot(table, n) for n, table in enumerate(file.list_of(tables, "shots"), 1)]
    hints = [file.hint(table, n) for n, table in enumerate(file.list_of(tables, "hints"), 1)]
    stills = file.list_of(tables, "references")
    references = [file.reference(table, n) for n, table in enumerate(stills, 1)]
    chosen = [file.thing(table, n) for n, table in enumerate(file.list_of(tables, "things"), 1)]
    project = FilmProject(
        None if film is None else file.identity(film),
        tuple(sorted(shots, key=lambda shot: shot.begin)),
        tuple(hints),
        tuple(references),
        path=path,
    )
    return project.with_things(dict(chosen))  # of a thing that is there twice, the last holds


def add_things(path: Path, chosen: dict[FilmThing, str]) -> None:
    """Add to a project what colours things are to have, or `NO_COLOR` of those to be forgotten.

    Raises `OSError` where it cannot be written.
    """
    tables = [
        _table(
            "things",
            one.at,
            (one.x, one.y, color),
            f"  # {one.color} in {', '.join(str(shot + 1) for shot in one.shots)}",
        )
        for one, color in chosen.items()
    ]
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(f"\n{table}" for table in tables))


@dataclass(frozen=True)
class _File:
    """A project's file, whose tables are read; raises `HintError` for what is wrong in one."""

    path: Path

    def list_of(self, tables: dict[str, Any], name: str) -> list[Any]:
        found = tables[name]
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise HintError(f"{self.path}: {name} is not a list; write [[{name}]] above each")
        return found

    def check_names(self, table: dict[str, Any], known: tuple[str, ...], where: str) -> None:
        for name in table:
            if name not in known:
                near = did_you_mean(name, known)
                raise HintError(
                    f"{self.path}: {where} has no {name!r}{near}; it has {', '.join(known)}"
                )

    def identity(self, table: Any) -> Identity:
        try:
            return Identity(**table)
        except TypeError as error:
            raise HintError(
                f"{self.path}: [film] is not as it was written; write a new project of the film"
            ) from error

    def shot(self, table: dict[str, Any], number: int) -> ShotStart:
        where = f"shot {number}"
        self.check_names(table, ("from", "to", "frames", "palette"), where)
        begin = self._value(table, "from", where, _seconds)
        if "palette" not in table:
            return ShotStart(begin)
        palette = self._value(table, "palette", where, _text)
        return ShotStart(begin, str(self._beside(palette)) if self._is_file(palette) else palette)

    def hint(self, table: dict[str, Any], number: int) -> TimedHint:
        where = f"hint {number}"
        table = {name.replace("colour", "color"): value for name, value in table.items()}
        self.check_names(table, ("at", "x", "y", "color", "reach", "shots"), where)
        at = self._value(table, "at", where, _seconds)
        x, y = (self._value(table, name, where, _number) for name in ("x", "y"))
        color = self._value(table, "color", where, to_color)
        everywhere = "shots" in table and self._value(table, "shots", where, _all)
        if "reach" not in table:
            return TimedHint(at, (x, y, color), everywhere)
        reach = self._value(table, "reach", where, check_reach)
        return TimedHint(at, (x, y, color, reach), everywhere)

    def thing(self, table: dict[str, Any], number: int) -> tuple[TimedPoint, str]:
        """Give where a thing is, and its colour, or `NO_COLOR`."""
        where = f"thing {number}"
        table = {name.replace("colour", "color"): value for name, value in table.items()}
        self.check_names(table, ("at", "x", "y", "color"), where)
        at = self._value(table, "at", where, _seconds)
        x, y = (self._value(table, name, where, _number) for name in ("x", "y"))
        color = self._value(table, "color", where, _text)
        if color != NO_COLOR:
            color = self._value(table, "color", where, to_color)
        return TimedPoint(at, x, y), color

    def reference(self, table: dict[str, Any], number: int) -> TimedReference:
        where = f"reference {number}"
        self.check_names(table, ("at", "still"), where)
        still = self._beside(self._value(table, "still", where, _text))
        return TimedReference(self._value(table, "at", where, _seconds), still)

    def _value(
        self, table: dict[str, Any], name: str, where: str, made: Callable[[Any], Any]
    ) -> Any:
        if name not in table:
            raise HintError(f"{self.path}: {where} has no {name!r}; write one")
        try:
            return made(table[name])
        except PhotochromError as error:
            raise HintError(f"{self.path}: {where}: {error}") from error
        except (TypeError, ValueError, AttributeError) as error:
            raise HintError(
                f"{self.path}: {where}: {name} is {table[name]!r}; write it as in the example"
            ) from error

    def _beside(self, name: str) -> Path:
        """Give the path that a name in the file is of."""
        return self.path.parent / name

    def _is_file(self, name: str) -> bool:
        try:
            return self._beside(name).is_file()
        except (OSError, ValueError):  # colours, which are too long for a name
            return False


def _seconds(value: Any) -> float:
    if isinstance(value, datetime.time):
        return 3600.0 * value.hour + 60 * value.minute + value.second + value.microsecond / 1e6
    return parse_time(str(value))


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return float(value)


def _all(value: Any) -> bool:
    if value != "all":
        raise TypeError
    return True


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
