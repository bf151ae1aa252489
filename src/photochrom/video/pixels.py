"""The pixels of decoded frames, in grey, and small and in colour; and frames of pixels."""

from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorRange, Colorspace

from photochrom.color.spaces import Samples
from photochrom.color.subsampling import BT709, BT709_10, Coding, Plane, Planes
from photochrom.video.container import EXACT

_LIMITED = {"yuv420p", "yuv422p", "yuv444p", "yuv411p", "nv12"}
"""Pixel formats whose first plane is luma in bytes; unless they say otherwise, black is 16."""
_LEVELS = (np.arange(256) - BT709.black) * (255 / BT709.luma)
_TO_GREY = np.clip(np.rint(_LEVELS), 0, 255).astype(np.uint8)

HALF_CHROMA = {
    "yuv420p": (8, 2),
    "yuv422p": (8, 1),
    "yuv420p10le": (10, 2),
    "yuv422p10le": (10, 1),
}
"""Pixel formats with chroma of half the width: bits a sample, and rows of luma for one of it."""
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
    luma = frame.planes[0]
    limited = frame.format.name in _LIMITED and frame.color_range != ColorRange.JPEG
    if pixel_format == "gray" and limited and luma.line_size > 0:
        return cv2.LUT(_rows_of(luma)[:, : luma.width], _TO_GREY)  # as FFmpeg, and faster
    return frame.reformat(format=pixel_format, interpolation=EXACT).to_ndarray()


def luma_of(grey: Samples) -> tuple[Plane, Coding]:
    """Give the luma of BT.709 of grey samples, (H, W): 8 bits of uint8, 10 of uint16."""
    if grey.dtype == np.uint8:
        return np.asarray(cv2.LUT(grey, BT709.of_grey), np.uint8), BT709
    return np.take(BT709_10.of_grey, grey, mode="clip"), BT709_10


def quarter_turns(frame: Any) -> int:
    """How many quarters of a turn to the left bring a frame upright."""
    turns: int = round(frame.rotation / 90)
    return turns


def frame_of(pixels: Samples | Planes, padding: Padding, pixel_format: str) -> Any:
    """Make a frame of sRGB samples, (H, W, 3), or of planes of BT.709, which are as it is stored.

    What is added mirrors the last column or row.
    """
    if isinstance(pixels, Planes):
        return _of_planes(pixels, padding, pixel_format)
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


def _of_planes(planes: Planes, padding: Padding, pixel_format: str) -> Any:
    across, down = padding
    height, width = planes.luma.shape
    frame = av.VideoFrame(width + across, height + down, pixel_format)
    frame.colorspace, frame.color_range = Colorspace.ITU709, ColorRange.MPEG
    for plane, stored in zip(planes, frame.planes, strict=True):
        rows = _rows_of(stored).view(plane.dtype)
        height, width = plane.shape
        rows[:height, :width] = plane
        rows[height:] = rows[height - 1]
        rows[:, width : stored.width] = rows[:, width - 1 : width]
    return frame


def _rows_of(plane: Any) -> npt.NDArray[np.uint8]:
    """See a plane of a frame as bytes, with what lies behind each row."""
    return np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
