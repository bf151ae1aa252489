"""The head of a JPEG XL: how large it is, and what its samples mean (ISO/IEC 18181-1, annex D).

libjxl tells both, but imagecodecs hands neither on.
"""

from typing import NamedTuple

_RATIOS = (1, 1.2, 4 / 3, 1.5, 16 / 9, 1.25, 2)
"""Width to height, as JPEG XL numbers them from 1."""
_SIGNATURE, _LONGEST = 2, 4096  # bytes, of which the second are enough
_CUSTOM, _SRGB, _SRGB_CURVE = 2, 1, 13
_ALPHA, _INK, _MOSAIC = 0, 2, 5  # of channels beside the colours
_GREY, _XYB = 1, 2
_Choice = tuple[int, int]
"""How many bits follow, and what is added to them."""
_SIDE = ((9, 1), (13, 1), (18, 1), (30, 1))
_ENUM = ((0, 0), (0, 1), (4, 2), (6, 18))
_BITS = ((0, 8), (0, 10), (0, 12), (6, 1))
_FLOAT_BITS = ((0, 32), (0, 16), (0, 24), (6, 1))
_EXTRAS = ((0, 0), (0, 1), (4, 2), (12, 1))
_SHIFT = ((0, 0), (0, 3), (0, 4), (3, 1))
_NAME = ((0, 0), (4, 0), (5, 16), (10, 48))
_TICKS = ((0, 100), (0, 1000), (10, 1), (30, 1))
_OF_TICKS = ((0, 1), (0, 1001), (8, 1), (10, 1))
_LOOPS = ((0, 0), (3, 0), (16, 0), (32, 0))
_POINT = ((19, 0), (19, 1 << 19), (20, 1 << 20), (21, 1 << 21))
_PATTERN = ((0, 1), (2, 0), (4, 3), (8, 19))


class Header(NamedTuple):
    """What is told at the start of a codestream."""

    width: int
    """In pixels, as stored, as `height`."""
    height: int
    primaries: int = _SRGB
    """By the numbers of ITU-T H.273, as `transfer`; sRGB's where a profile tells."""
    transfer: int = _SRGB_CURVE


class _Reader:
    def __init__(self, codestream: bytes) -> None:
        self._bits = int.from_bytes(codestream[_SIGNATURE:_LONGEST], "little")

    def take(self, count: int) -> int:
        value = self._bits & ((1 << count) - 1)
        self._bits >>= count
        return value

    def choose(self, choices: tuple[_Choice, _Choice, _Choice, _Choice]) -> int:
        """Read a number that is written in one of four ways."""
        count, offset = choices[self.take(2)]
        return self.take(count) + offset


def read_header(codestream: bytes) -> Header:
    """Read it; a damaged file gives anything."""
    reader = _Reader(codestream)
    width, height = _size(reader)
    return Header(width, height, *_colors(reader))


def _size(reader: _Reader) -> tuple[int, int]:
    is_small = reader.take(1)

    def side() -> int:
        return (reader.take(5) + 1) * 8 if is_small else reader.choose(_SIDE)

    height = side()
    ratio = reader.take(3)
    return (int(height * _RATIOS[ratio - 1]) if ratio else side()), height


def _colors(reader: _Reader) -> tuple[int, int]:
    """Give the primaries and the transfer function."""
    usual = _SRGB, _SRGB_CURVE
    if reader.take(1):
        return usual
    if reader.take(1) and not _pass_extra_fields(reader):
        return usual
    _pass_depth(reader)
    reader.take(1)
    for _ in range(reader.choose(_EXTRAS)):
        _pass_channel(reader)
    reader.take(1)
    if reader.take(1) or reader.take(1):  # sRGB, or a profile
        return usual
    space, primaries = reader.choose(_ENUM), _SRGB
    if space == _XYB:
        return usual
    if reader.choose(_ENUM) == _CUSTOM:
        _pass_points(reader, 1)
    if space != _GREY and (primaries := reader.choose(_ENUM)) == _CUSTOM:
        _pass_points(reader, 3)
        primaries = _SRGB
    has_gamma = reader.take(1)
    return primaries, _SRGB_CURVE if has_gamma else reader.choose(_ENUM)


def _pass_extra_fields(reader: _Reader) -> bool:
    """Pass by the turn, other sizes and the timing; tell whether that was possible."""
    reader.take(3)
    if reader.take(1):
        _size(reader)
    if reader.take(1):  # a preview, which hardly any file has
        return False
    if reader.take(1):
        for choices in (_TICKS, _OF_TICKS, _LOOPS):
            reader.choose(choices)
        reader.take(1)
    return True


def _pass_depth(reader: _Reader) -> None:
    if reader.take(1):
        reader.choose(_FLOAT_BITS)
        reader.take(4)
    else:
        reader.choose(_BITS)


def _pass_channel(reader: _Reader) -> None:
    if reader.take(1):
        return
    meaning = reader.choose(_ENUM)
    _pass_depth(reader)
    reader.choose(_SHIFT)
    reader.take(8 * reader.choose(_NAME))
    if meaning == _ALPHA:
        reader.take(1)
    elif meaning == _INK:
        reader.take(4 * 16)
    elif meaning == _MOSAIC:
        reader.choose(_PATTERN)


def _pass_points(reader: _Reader, count: int) -> None:
    for _ in range(2 * count):
        reader.choose(_POINT)
