"""A function for VapourSynth scripts: colours the frames of a clip.

import photochrom_vs
clip = core.resize.Bicubic(clip, format=vs.RGB24, matrix_in_s="709")
clip = photochrom_vs.colorize(clip, vividness=0.4)
"""

import numpy as np

from photochrom import Colorizer

_PLANES = range(3)


def colorize(clip, model: str = "vivid", **options):
    """Colour a clip of 8-bit or 16-bit RGB; `options` are those of `Colorizer.colorize`.

    Each frame is coloured by itself: `photochrom colorize film.mp4` steadies the colours, too.
    Raises `ValueError` for a clip of another format.
    """
    import vapoursynth as vs

    if clip.format is None or clip.format.id not in (vs.RGB24, vs.RGB48):
        raise ValueError("photochrom_vs colours RGB24 and RGB48; convert with core.resize.Bicubic")
    colorizer = Colorizer(model)

    def colored(n, f):
        pixels = np.stack([np.asarray(f[plane]) for plane in _PLANES], axis=-1)
        result = colorizer.colorize(pixels, **options)
        frame = f.copy()
        for plane in _PLANES:
            np.asarray(frame[plane])[:] = result[..., plane]
        return frame

    return vs.core.std.ModifyFrame(clip, clips=clip, selector=colored)
