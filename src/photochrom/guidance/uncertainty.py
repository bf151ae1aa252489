"""Where a model is unsure of its colours."""

import math

import numpy as np

from photochrom.color.spaces import Floats
from photochrom.color.upsampling import block_mean
from photochrom.guidance.prediction import ALIKE, Prediction, cell_center, unit_features

_COMPARED = 2048  # cells at most that are compared, each with each


def expected_error(prediction: Prediction) -> Floats:
    """How far from the painted colours likely ones lie: root mean square in Lab units, (H/4, W/4).

    It is the error that the model itself expects.
    """
    chance = prediction.likelihood.reshape(len(prediction.centers), -1)
    predicted = prediction.ab.reshape(2, -1)
    square = (prediction.centers**2).sum(axis=1) @ chance + (predicted**2).sum(axis=0)
    square -= 2 * (predicted * (prediction.centers.T @ chance)).sum(axis=0)
    return np.asarray(np.sqrt(np.maximum(square, 0)).reshape(prediction.ab.shape[1:]), np.float32)


def uncertain_points(prediction: Prediction, count: int) -> list[tuple[float, float]]:
    """Choose at most `count` places in doubt, one of each kind of thing.

    Gives shares of width and height. A hint is taken to settle what looks alike: chosen is where
    the squared uncertainty of all that is the most, not where its own is.
    """
    error = block_mean(expected_error(prediction)[None], 2)[0]
    step = math.ceil(math.sqrt(error.size / _COMPARED))
    directions = unit_features(prediction.features[:, ::step, ::step])
    alike = directions.T @ directions > ALIKE
    left = error[::step, ::step].ravel() ** 2
    indices = np.arange(error.size).reshape(error.shape)[::step, ::step].ravel()
    found: list[tuple[float, float]] = []
    while len(found) < count and left.max() > 0:
        best = int((alike @ left).argmax())
        found.append(cell_center(int(indices[best]), error.shape))
        left = np.where(alike[best], 0, left)
    return found
