"""Predictions that a test can make up: two things side by side, or cells that point somewhere."""

import numpy as np

from photochrom.guidance.prediction import Prediction

CENTERS = np.array(
    [(a, b) for a in range(-60, 61, 10) for b in range(-60, 61, 10)], np.float32
)  # a grid of colours
GREY, RED, BLUE = (0, 0), (60, 40), (10, -60)


def index(color) -> int:
    return int(np.flatnonzero((color == CENTERS).all(axis=1))[0])


def view(left: dict, right: dict) -> Prediction:
    """Two things side by side, each with the chances of its colours; 64 x 128 pixels."""
    likelihood = np.zeros((len(CENTERS), 16, 32), np.float32)
    features = np.random.default_rng(0).normal(0, 0.05, (8, 8, 16)).astype(np.float32)
    ab = np.zeros((2, 16, 32), np.float32)
    for half, (chances, where) in enumerate([(left, np.s_[:16]), (right, np.s_[16:])]):
        for color, chance in chances.items():
            likelihood[index(color), :, where] = chance
        features[half, :, where.start and 8 : (where.stop or 32) // 2] += 1
        best = max(chances, key=chances.get)
        ab[:, :, 16 * half : 16 * (half + 1)] = np.array(best)[:, None, None]
    return Prediction(ab, likelihood, features, CENTERS)


def pointing(rows: list[list[float]], ab=None, likelihood=None, centers=CENTERS) -> Prediction:
    """Cells whose features point to angles in degrees; each has another that points away from it.

    So the mean of all features is none, and the cosine of two cells is that of their angles. The
    angles are in the upper half of the cells, those that point away in the lower.
    """
    angles = np.deg2rad(np.concatenate([rows, np.add(rows, 180)]))
    features = np.stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    height, width = 2 * angles.shape[0], 2 * angles.shape[1]
    if ab is None:
        ab = np.zeros((2, height, width), np.float32)
    if likelihood is None:
        likelihood = np.zeros((len(centers), height, width), np.float32)
        likelihood[np.linalg.norm(centers, axis=1).argmin()] = 1
    return Prediction(ab, likelihood, features, centers)
