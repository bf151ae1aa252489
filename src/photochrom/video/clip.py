"""Short films of frames that are at hand."""

import io
from collections.abc import Iterable
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorRange, Colorspace

_BT709 = 1  # of the coefficients, in ITU-T H.273


def encode_mp4(frames: Iterable[npt.NDArray[np.uint8]], rate: int) -> bytes:
    """Give the bytes of an MP4 of sRGB frames, (H, W, 3) with even sides, so many a second."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream: Any = None
        for rgb in frames:
            if stream is None:
                stream = container.add_stream("libx264", rate=rate)
                stream.height, stream.width = rgb.shape[:2]
                stream.pix_fmt, stream.options = "yuv420p", {"crf": "20", "preset": "veryfast"}
                context = stream.codec_context
                context.colorspace = context.color_primaries = context.color_trc = _BT709
                context.color_range = ColorRange.MPEG
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(
                format="yuv420p",
                dst_colorspace=Colorspace.ITU709,
                dst_color_range=ColorRange.MPEG,
            )
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()
