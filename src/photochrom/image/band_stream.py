"""Bands of pixels, made one after the other, as a TIFF file that is never stored."""

import struct
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Band = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]

_SHORT, _LONG8 = 3, 16  # TIFF field types
_FIELD = struct.Struct("<HHQQ")


class TiffStream:
    """An uncompressed BigTIFF whose strips are computed while it is read.

    A picture library reads it like a file, from top to bottom, so a picture of any height goes
    through it in the memory of a few strips. `bands` gives (rows, width, channels) arrays of one
    dtype, uint8 or uint16, every one `rows` high but the last.
    """

    def __init__(
        self, bands: Iterator[Band], shape: tuple[int, int, int], dtype: npt.DTypeLike, rows: int
    ) -> None:
        self._bands = bands
        self._header = _header(shape, np.dtype(dtype).itemsize, rows)
        self._length = len(self._header) + int(np.prod(shape)) * np.dtype(dtype).itemsize
        self._position = 0
        self._strip = memoryview(self._header)
        self._strip_start = 0
        self.error: Exception | None = None
        """What a band raised, if one did: the reader only sees an early end."""

    def read(self, size: int) -> bytes:
        """Read up to `size` bytes at the position; fewer at the end of a strip, b"" at the end."""
        if self._position < len(self._header):
            data = self._header[self._position : self._position + size]
        else:
            data = self._from_strips(size)
        self._position += len(data)
        return data

    def seek(self, offset: int, whence: int) -> int:
        """Move the position as `io` does; strips that are passed cannot be read again."""
        self._position = offset + (0, self._position, self._length)[whence]
        return self._position

    def _from_strips(self, size: int) -> bytes:
        try:
            while self._position >= self._strip_start + len(self._strip):
                if self._position >= self._length:
                    return b""
                self._strip_start += len(self._strip)
                self._strip = np.ascontiguousarray(next(self._bands)).data.cast("B")
        except Exception as error:  # noqa: BLE001 - crosses C; kept and raised by the caller
            self.error = error
            return b""
        start = self._position - self._strip_start
        return bytes(self._strip[start : start + size]) if start >= 0 else b""


def _header(shape: tuple[int, int, int], itemsize: int, rows: int) -> bytes:
    """Lay out a BigTIFF header, its directory and the table of strips."""
    height, width, channels = shape
    full, last = divmod(height, rows)
    sizes = [rows * width * channels * itemsize] * full
    sizes += [last * width * channels * itemsize] if last else []
    bits = sum(8 * itemsize << 16 * channel for channel in range(channels))

    def fields(table: int) -> list[tuple[int, int, int, int]]:
        return [
            (256, _LONG8, 1, width),
            (257, _LONG8, 1, height),
            (258, _SHORT, channels, bits),
            (259, _SHORT, 1, 1),  # not compressed
            (262, _SHORT, 1, 2),  # RGB
            (273, _LONG8, len(sizes), table),
            (277, _SHORT, 1, channels),
            (278, _LONG8, 1, rows),
            (279, _LONG8, len(sizes), table + 8 * len(sizes)),
            (338, _SHORT, channels - 3, 2),  # alpha, not premultiplied
        ][: 10 if channels > 3 else 9]

    table = 16 + 8 + _FIELD.size * len(fields(0)) + 8
    entries = fields(table)
    start = table + 16 * len(sizes)
    offsets = np.cumsum([start, *sizes[:-1]], dtype=np.uint64)
    if len(sizes) == 1:  # a single value stands in the field itself
        entries = [
            (tag, field_type, count, {273: table + 16, 279: sizes[0]}.get(tag, value))
            for tag, field_type, count, value in entries
        ]
    return b"".join(
        [
            struct.pack("<2sHHHQQ", b"II", 43, 8, 0, 16, len(entries)),
            *(_FIELD.pack(*entry) for entry in entries),
            struct.pack("<Q", 0),
            offsets.astype("<u8").tobytes(),
            np.array(sizes, "<u8").tobytes(),
        ]
    )
