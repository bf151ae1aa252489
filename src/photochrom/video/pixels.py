"""The pixels of decoded frames, in grey, and small and in colour; and frames of pixels."""

from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorRange, Colorspace

from photochrom.color.spaces import Samples
from photochrom.color.subsampling import Planes
from photochrom.video.container import EXACT

Padding = tuple[int, int]
"""Columns and rows that are added at the right and below."""


def upright(frame: Any, width: int, height: int) -> npt.NDArray[np.uint8]:
    """Give a frame as sRGB, (height, width, 3)."""
    turns = quarter_turns(frame)
    stored = (height, width) if turns % 2 else (width, height)
    rgb = frame.reformat(*stored, "rgb24", interpolation=EXACT).to_ndarray()
    return np.ascontiguousarray(np.rot90(rgb, turns))


def grey_of(frame: Any, pixel_format: str = "gray") -> Any:
    """Give a frame as it is stored, in grey."""
    return frame.reformat(format=pixel_format, interpolation=EXACT).to_ndarray()


def quarter_turns(frame: Any) -> int:
    """How many quarters of a turn to the left bring a frame upright."""
    turns: int = round(frame.rotation / 90)
    return turns


def frame_of(pixels: Samples | Planes, padding: Padding, pixel_format: str) -> Any:
    """Make a frame of sRGB samples, (H, W, 3), or of planes, which are 4:2:0 of BT.709.

    What is added mirrors the last column or row.
    """
    if isinstance(pixels, Planes):
        return _of_planes(pixels, padding)
    across, down = padding
    mirrored: Any = np.pad(pixels, ((0, down), (0, across), (0, 0)), "symmetric")
    layout = "rgb48le" if pixels.dtype == np.uint16 else "rgb24"
    frame = av.VideoFrame.from_ndarray(mirrored, format=layout)
    if av.VideoFormat(pixel_format, 2, 2).is_rgb:
        return frame.reformat(format=pixel_format, interpolation=EXACT)
    return frame.reformat(
        format=pixel_format,
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
        interpolation=EXACT,
    )


def _of_planes(planes: Planes, padding: Padding) -> Any:
    across, down = padding
    height, width = planes.luma.shape
    frame = av.VideoFrame(width + across, height + down, "yuv420p")
    frame.colorspace, frame.color_range = Colorspace.ITU709, ColorRange.MPEG
    for plane, stored in zip(planes, frame.planes, strict=True):
        rows: Any = np.frombuffer(memoryview(stored), np.uint8).reshape(
            stored.height, stored.line_size
        )
        height, width = plane.shape
        rows[:height, :width] = plane
        rows[height:] = rows[height - 1]
        rows[:, width : stored.width] = rows[:, width - 1 : width]
    return frame
