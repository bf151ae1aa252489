"""Hints spread over the things that they sit on.

What the model gives is put right as a Gaussian process would: the difference that a hint makes at
its own place is passed on to places that are near, as light, and look alike to the model. With many
hints the differences are solved together, so that each holds where it was put (Rasmussen and
Williams, "Gaussian Processes for Machine Learning", 2006, chapter 2).
"""

import numpy as np
import numpy.typing as npt

from photochrom.color.spaces import Floats
from photochrom.color.upsampling import block_mean

_NEAR = 0.05  # of the short side: how far a hint reaches whatever is there
_FAR = 0.35  # of the short side: how far it reaches over what looks alike
_LIGHTNESS = (30.0, 25.0)  # Lab units: what counts as light as the hint's place, near and far
_ALIKE = 0.5  # distance of unit features that still look alike
_SHARE = 0.2  # of the best hinted cell: cells that are hinted less are left out
_NOISE = 0.02  # variance of a hint against that of what it puts right


def propagate(ab: Floats, features: Floats, lightness: Floats, hints: Floats) -> Floats:
    """Give ab, (2, h, w) in Lab units, put right by hints.

    `features` are (C, h/2, w/2), alike where the same kind of thing is seen; `lightness` is
    (k h, k w) in 0..100, and `hints` are (3, k h, k w): a, b and mask.
    """
    factor = hints.shape[1] // ab.shape[1]
    share = block_mean(hints[2:], factor)[0].ravel()
    cells = np.flatnonzero(share > _SHARE * share.max())
    if not len(cells):
        return ab
    wanted = block_mean(hints[:2], factor).reshape(2, -1)[:, cells] / share[cells]
    near, far = _coordinates(features, block_mean(lightness[None], factor)[0])
    own = ab.reshape(2, -1)
    kernel = _kernel(near, far, cells)
    among = kernel[:, cells] + _NOISE * np.eye(len(cells), dtype=np.float32)
    weights = np.linalg.solve(among, (wanted - own[:, cells]).T)
    return np.asarray(own + weights.T @ kernel, np.float32).reshape(ab.shape)


def _coordinates(features: Floats, lightness: Floats) -> tuple[Floats, Floats]:
    """Give where every place is, in deviations: by nearness (3, h w), by likeness (3 + C, h w)."""
    height, width = lightness.shape
    rows, columns = np.indices((height, width), dtype=np.float32).reshape(2, -1)
    rows, columns = rows / min(height, width), columns / min(height, width)
    light = lightness.ravel()
    wide = features.repeat(2, axis=1).repeat(2, axis=2)[:, :height, :width]
    flat = wide.reshape(len(features), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    unit = flat / np.maximum(np.linalg.norm(flat, axis=0), 1e-9)
    near = np.stack([rows / _NEAR, columns / _NEAR, light / _LIGHTNESS[0]])
    far = np.stack([rows / _FAR, columns / _FAR, light / _LIGHTNESS[1]])
    return near, np.concatenate([far, unit / _ALIKE])


def _kernel(near: Floats, far: Floats, cells: npt.NDArray[np.intp]) -> Floats:
    """How much each of the cells says about every place, (n, h w), 1 at itself."""
    kernels = []
    for coordinates in (near, far):
        squares = (coordinates**2).sum(axis=0)
        distance = squares[cells, None] + squares - 2 * coordinates[:, cells].T @ coordinates
        kernels.append(np.exp(-np.maximum(distance, 0) / 2))
    return np.asarray((kernels[0] + kernels[1]) / 2, np.float32)
