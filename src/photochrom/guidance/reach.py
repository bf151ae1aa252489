"""How far a hint reaches: the point alone, the thing that it is on, or everything like it."""

import numpy as np
import numpy.typing as npt

from photochrom.color.spaces import Floats
from photochrom.color.upsampling import block_mean, resize_bilinear
from photochrom.guidance.hints import EVERYTHING
from photochrom.guidance.prediction import Prediction, unit_features

_LIKE = (0.3, 0.6)  # cosine of features: another thing up to, the same thing from
_LIGHTNESS = 28.0  # Lab units: deviation of what is as light as the point
_NEAR = 0.045  # of the short side: radius of a spot
_INSIDE = 0.35  # of a reach: from where on it belongs to the thing


def reach(
    prediction: Prediction, lightness: Floats, point: tuple[float, float], far: str
) -> Floats:
    """Tell how much each part of a picture belongs to what a hint is on, (H/4, W/4), 0..1.

    `lightness` is (H, W) in 0..100, as the model sees it; `point` is in shares of width and
    height, and `far` one of `REACHES`.
    """
    height, width = prediction.ab.shape[1:]
    if far == EVERYTHING:
        return np.ones((height, width), np.float32)
    row, column = int(point[1] * height), int(point[0] * width)
    light = block_mean(lightness[None], lightness.shape[0] // height)[0]
    as_light = np.exp(-(((light - light[row, column]) / _LIGHTNESS) ** 2) / 2)
    rows, columns = np.indices((height, width), dtype=np.float32)
    away = np.hypot(rows - row, columns - column) / min(height, width)
    near = np.exp(-((away / _NEAR) ** 2) / 2)
    if far == "spot":
        return np.asarray(near * as_light, np.float32)
    alike = np.clip((_likeness(prediction, point) - _LIKE[0]) / (_LIKE[1] - _LIKE[0]), 0, 1)
    belongs = np.maximum(alike * as_light, near)
    inside = _connected(belongs > _INSIDE, (row, column))
    return np.asarray(belongs * _grown(inside), np.float32)


def _likeness(prediction: Prediction, point: tuple[float, float]) -> Floats:
    """Give the cosine of what is seen at a point with all that is seen, (H/4, W/4)."""
    cells = prediction.features.shape[1:]
    directions = unit_features(prediction.features)
    here = int(point[1] * cells[0]) * cells[1] + int(point[0] * cells[1])
    likeness = (directions[:, here] @ directions).reshape(1, *cells).astype(np.float32)
    return np.asarray(resize_bilinear(likeness, *prediction.ab.shape[1:])[0])


def _connected(inside: npt.NDArray[np.bool_], cell: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Keep what hangs together with a cell."""
    found = np.zeros_like(inside)
    found[cell], size = True, 0
    while size < (size := int(found.sum())):
        found = _grown(found) & inside | found
    return found


def _grown(inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Add the cells that touch what is inside, at corners too."""
    wide = np.pad(inside, 1)
    height, width = inside.shape
    shifted = [wide[y : y + height, x : x + width] for y in range(3) for x in range(3)]
    return np.asarray(np.any(shifted, axis=0))
