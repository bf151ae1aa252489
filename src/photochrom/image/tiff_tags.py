"""Directories of tags: what TIFF files are made of, and EXIF, which is laid out as one.

libvips writes no EXIF into a TIFF, and libtiff takes IPTC for an array of another type, so both
are read and added here.
"""

import errno
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, NamedTuple, Union

import numpy as np

Directory = dict[int, Union[tuple[int, bytes], "Directory"]]
"""Tags by their numbers: a type and little-endian data, or the directory that a tag points to."""

EXIF, GPS, INTEROPERABILITY = 34665, 34853, 40965
IPTC = 33723
LONG = 4
_RESOLUTION, _RESOLUTION_UNIT = (282, 283), 296
_SUBFILE, _OLD_SUBFILE = 254, 255  # what a directory is to the others
_SMALLER, _MASK, _OLD_SMALLER = 1, 4, 2  # of them
_INCHES = 2  # the unit of resolution where none is told
_MILLIMETRES = {_INCHES: 25.4, 3: 10.0}  # of the units: inches and centimetres

_POINTERS = {EXIF, GPS, INTEROPERABILITY}
_UNITS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 1, 7: 1, 8: 2, 9: 4, 10: 4, 11: 4, 12: 8, 13: 4}
_UNITS |= {16: 8, 17: 8, 18: 8}  # of BigTIFF
"""Bytes of what is turned about between the byte orders, by type."""
_PAIRS = {5, 10}  # types whose values are two units: fractions
_LARGEST = 1 << 24  # bytes of a tag that is read
_MAX_TAGS = 4096  # tags of a directory


@dataclass(frozen=True)
class _Layout:
    """How a file writes numbers: its byte order, and whether it is a BigTIFF."""

    order: str
    big: bool

    @classmethod
    def of(cls, file: BinaryIO) -> "_Layout":
        file.seek(0)
        start = file.read(4)
        order = {b"II": "<", b"MM": ">"}[start[:2]]
        return cls(order, {42: False, 43: True}[struct.unpack(order + "H", start[2:])[0]])

    @property
    def count(self) -> struct.Struct:
        return struct.Struct(self.order + ("Q" if self.big else "H"))

    @property
    def offset(self) -> struct.Struct:
        return struct.Struct(self.order + ("Q" if self.big else "I"))

    @property
    def entry(self) -> struct.Struct:
        return struct.Struct(self.order + ("HHQ8s" if self.big else "HHI4s"))

    @property
    def first(self) -> int:
        """Place of the first directory's offset."""
        return 8 if self.big else 4

    def size(self, tags: int) -> int:
        """Bytes of a directory of so many tags, without the data that do not fit into it."""
        return self.count.size + tags * self.entry.size + self.offset.size

    def turned(self, field_type: int, data: bytes) -> bytes:
        """Bring a tag's data from the file's byte order to little-endian, or back."""
        if self.order == "<" or _UNITS.get(field_type, 1) == 1:
            return data
        return (
            np.frombuffer(data, f">u{_UNITS[field_type]}")
            .astype(f"<u{_UNITS[field_type]}")
            .tobytes()
        )


def read_directory(file: BinaryIO, number: int, wanted: set[int]) -> Directory:
    """Read the tags that are wanted of a file's directory `number`, counted from 0.

    What is damaged is left out: a picture can do without.
    """
    try:
        layout = _Layout.of(file)
        offset = _number(file, layout.first, layout.offset)
        for _ in range(number):
            offset = _number(file, offset + _end(file, offset, layout), layout.offset)
        return _read(file, offset, layout, wanted)
    except (KeyError, OverflowError, struct.error):
        return {}


def read_directory_at(file: BinaryIO, offset: int, wanted: set[int]) -> Directory:
    """Read the tags that are wanted of the directory at an offset, as `read_directory` does."""
    try:
        return _read(file, offset, _Layout.of(file), wanted)
    except (KeyError, OverflowError, struct.error):
        return {}


class Pages(NamedTuple):
    """The directories of a TIFF that are pages."""

    directories: list[tuple[int, int]]
    """Of each, its number among all directories, and its offset."""
    is_whole: bool
    """Whether the last directory says that none is behind it, and does not point astray."""


def page_directories(file: BinaryIO) -> Pages:
    """Find a TIFF's directories that are pages, up to one that is damaged.

    Smaller versions of others and masks are left out, unless there is nothing else; none where it
    is no TIFF. To find a directory all before it are read: keep their offsets.
    """
    offsets: dict[int, bool] = {}
    offset = -1
    try:
        layout = _Layout.of(file)
        offset = _number(file, layout.first, layout.offset)
        while offset and offset not in offsets:
            end = _end(file, offset, layout)
            following = _number(file, offset + end, layout.offset)
            offsets[offset] = _is_page(_read(file, offset, layout, {_SUBFILE, _OLD_SUBFILE}))
            offset = following
    except (KeyError, OverflowError, struct.error):
        pass
    found = list(enumerate(offsets))
    return Pages([one for one in found if offsets[one[1]]] or found, offset == 0)


def changes_to_one(file: BinaryIO, offset: int, values: dict[int, int]) -> dict[int, bytes]:
    """Give the bytes, by their place, that make a TIFF one of the directory at `offset` alone.

    `values` are whole numbers of 16 bits that tags of it get.
    """
    layout = _Layout.of(file)
    changes = {
        layout.first: layout.offset.pack(offset),
        offset + _end(file, offset, layout): layout.offset.pack(0),
    }
    for index, (code, *_) in enumerate(_entries(file, offset, layout)):
        if code in values:
            data = struct.pack(layout.order + "H", values[code]).ljust(layout.offset.size, b"\0")
            place = offset + layout.count.size + index * layout.entry.size
            changes[place] = layout.entry.pack(code, 3, 1, data)
    return changes


def _is_page(directory: Directory) -> bool:
    what = integer(directory, _SUBFILE) & (_SMALLER | _MASK)
    return not what and integer(directory, _OLD_SUBFILE) != _OLD_SMALLER


def read_exif(block: bytes, wanted: set[int]) -> Directory:
    """Read tags of a block of EXIF, as `read_directory` does."""
    return read_directory(BytesIO(block.removeprefix(b"Exif\0\0")), 0, wanted)


def resolution(block: bytes) -> tuple[float, float] | None:
    """Give the pixels a millimetre, across and down, that EXIF tells, or None."""
    return resolution_of(read_exif(block, {*_RESOLUTION, _RESOLUTION_UNIT}))


def resolution_of(found: Directory) -> tuple[float, float] | None:
    """Give the pixels a millimetre, across and down, that a directory tells, or None."""
    unit = _MILLIMETRES.get(integer(found, _RESOLUTION_UNIT) or _INCHES)
    across, down = (data_of(found, code) or b"" for code in _RESOLUTION)
    if not unit or min(len(across), len(down)) < 8:
        return None
    numbers = np.frombuffer(across[:8] + down[:8], "<u4").reshape(2, 2)
    if not numbers.all():
        return None
    first, second = numbers[:, 0] / numbers[:, 1] / unit
    return float(first), float(second)


def _go(file: BinaryIO, offset: int) -> None:
    """Go to a place of a file; raises `OverflowError` where it is farther than any file reaches."""
    try:
        file.seek(offset)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        raise OverflowError from error


def _number(file: BinaryIO, offset: int, form: struct.Struct) -> int:
    _go(file, offset)
    return int(form.unpack(file.read(form.size))[0])


def _end(file: BinaryIO, offset: int, layout: _Layout) -> int:
    """How far behind a directory's start the offset of the next one stands."""
    return layout.size(_number(file, offset, layout.count)) - layout.offset.size


def _read(
    file: BinaryIO, offset: int, layout: _Layout, wanted: set[int] | None, depth: int = 0
) -> Directory:
    """Read a directory; all of its tags when None is wanted, as in those that a tag points to."""
    found: Directory = {}
    for code, field_type, count, value in _entries(file, offset, layout):
        if (wanted is not None and code not in wanted) or field_type not in _UNITS:
            continue
        size = count * _UNITS[field_type] * (2 if field_type in _PAIRS else 1)
        if size > len(value):
            _go(file, layout.offset.unpack(value)[0])
            value = file.read(min(size, _LARGEST))
        if len(value) < size:
            continue
        # IPTC is bytes, though its type is mostly said to be whole numbers of four.
        data = value[:size] if code == IPTC else layout.turned(field_type, value[:size])
        if code not in _POINTERS:
            found[code] = field_type, data
        elif depth < 2 and (inner := _read(file, _integer(data), layout, None, depth + 1)):
            found[code] = inner
    return found


def _entries(file: BinaryIO, offset: int, layout: _Layout) -> list[tuple[int, int, int, bytes]]:
    tags = min(_number(file, offset, layout.count), _MAX_TAGS)
    data = file.read(tags * layout.entry.size)
    whole = len(data) // layout.entry.size * layout.entry.size  # less in a file that is cut off
    return list(layout.entry.iter_unpack(data[:whole]))


def _integer(data: bytes) -> int:
    return int.from_bytes(data, "little")


def data_of(directory: Directory, code: int) -> bytes | None:
    """Give a tag's data, or None."""
    tag = directory.get(code)
    return tag[1] if isinstance(tag, tuple) else None


def integer(directory: Directory, code: int) -> int:
    """Give a tag's first value, a whole number; 0 where there is none."""
    tag = directory.get(code)
    return _integer(tag[1][: _UNITS[tag[0]]]) if isinstance(tag, tuple) else 0


def values(directory: Directory, code: int) -> list[int]:
    """Give all of a tag's values, whole numbers; none where there is none."""
    tag = directory.get(code)
    if not isinstance(tag, tuple):
        return []
    size = _UNITS[tag[0]]
    return [_integer(tag[1][start : start + size]) for start in range(0, len(tag[1]), size)]


def as_file(directory: Directory) -> bytes:
    """Lay out a directory as a TIFF file without a picture, which is what EXIF is."""
    return b"II*\0" + struct.pack("<I", 8) + _laid_out(directory, 8, _Layout("<", False))


def overwrite_short(file: BinaryIO, number: int, code: int, value: int) -> None:
    """Give a tag of a TIFF's directory `number`, from 0, a whole number of 16 bits in its place."""
    layout = _Layout.of(file)
    offset = _number(file, layout.first, layout.offset)
    for _ in range(number):
        offset = _number(file, offset + _end(file, offset, layout), layout.offset)
    for index, entry in enumerate(_entries(file, offset, layout)):
        if entry[0] == code:
            _go(file, offset + layout.count.size + index * layout.entry.size)
            data = struct.pack(layout.order + "H", value).ljust(layout.offset.size, b"\0")
            file.write(layout.entry.pack(code, 3, 1, data))


def remove_tags(file: BinaryIO, codes: set[int]) -> None:
    """Remove tags from the first directory of a TIFF or EXIF, which keeps its place."""
    layout = _Layout.of(file)
    offset = _number(file, layout.first, layout.offset)
    following = _number(file, offset + _end(file, offset, layout), layout.offset)
    left = [entry for entry in _entries(file, offset, layout) if entry[0] not in codes]
    _go(file, offset)
    file.write(layout.count.pack(len(left)))
    file.write(b"".join(layout.entry.pack(*entry) for entry in left))
    file.write(layout.offset.pack(following))


def add_tags(file: BinaryIO, additions: Iterable[Directory]) -> None:
    """Add tags to a TIFF file's directories, from the first on, in place of those of their numbers.

    Changed directories are written at the end of the file; its pixels stay where they are.
    """
    layout = _Layout.of(file)
    pointer = layout.first
    for added in additions:
        offset = _number(file, pointer, layout.offset)
        entries_before = {
            code: layout.entry.pack(code, field_type, count, value)
            for code, field_type, count, value in _entries(file, offset, layout)
            if code not in added
        }
        following = _number(file, offset + _end(file, offset, layout), layout.offset)
        at = file.seek(0, 2)
        at += file.write(bytes(at % 2))
        data = _laid_out(added, at, layout, entries_before, following)
        file.write(data)
        file.seek(pointer)
        file.write(layout.offset.pack(at))
        pointer = at + layout.size(len(entries_before) + len(added)) - layout.offset.size


def _laid_out(
    directory: Directory,
    offset: int,
    layout: _Layout,
    entries_before: dict[int, bytes] | None = None,
    following: int = 0,
) -> bytes:
    """Lay out a directory for a place in a file, with entries that are kept as they are."""
    entries = dict(entries_before or {})
    free = offset + layout.size(len(directory) + len(entries))
    beyond = b""
    for code, tag in directory.items():
        if isinstance(tag, dict):
            data = layout.offset.pack(free + len(beyond))
            beyond += _laid_out(tag, free + len(beyond), layout)
            field_type, count = (16 if layout.big else LONG), 1
        else:
            field_type, count = (
                tag[0],
                len(tag[1]) // _UNITS[tag[0]] // (2 if tag[0] in _PAIRS else 1),
            )
            data = layout.turned(*tag)
            if len(data) > layout.offset.size:
                data, here = layout.offset.pack(free + len(beyond)), data
                beyond += here + bytes(len(here) % 2)
        entries[code] = layout.entry.pack(code, field_type, count, data)
    return b"".join(
        [
            layout.count.pack(len(entries)),
            *(entries[code] for code in sorted(entries)),
            layout.offset.pack(following),
            beyond,
        ]
    )
