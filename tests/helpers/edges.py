"""Drawn pictures, and how far colour bleeds over their edges when it is brought to full size.

Shapes, thin lines and gradients are drawn. Their true colours are shrunk to what a model would give
(a quarter of what it sees) and brought back.
"""

import numpy as np
from skimage.draw import disk, line_aa, polygon

from photochrom.color.gamut import fit_gamut
from photochrom.color.upsampling import block_mean, guided_coefficients, resize_bilinear

SIDE = 1024  # pixels, of what is drawn
NEAR = 3  # pixels


def draw(what: str, seed: int) -> np.ndarray:
    """Draw a Lab picture, (3, S, S): flat things on a flat ground, each of a colour of its own."""
    random = np.random.default_rng(seed)
    lab = np.empty((3, SIDE, SIDE), np.float32)
    lab[:] = _color(random, 80)[:, None, None]
    for number in range(12):
        color = _color(random, 15 + 5 * number)[:, None]
        if what == "shapes":
            row, column = random.uniform(100, SIDE - 100, 2)
            points = disk((row, column), random.uniform(30, 130), shape=(SIDE, SIDE))
        elif what == "lines":
            ends = random.integers(0, SIDE - 8, 4)
            rows, columns, _ = line_aa(*ends)
            points = tuple(np.concatenate([one + k for k in range(6)]) for one in (rows, columns))
        else:
            corners = random.uniform(0, SIDE, (2, 3))
            points = polygon(*corners, shape=(SIDE, SIDE))
            shade = np.linspace(-12, 12, SIDE, dtype=np.float32)[points[0]]
            lab[:, points[0], points[1]] = color
            lab[0, points[0], points[1]] += shade
            continue
        lab[:, points[0], points[1]] = color
    return np.stack([lab[0], *fit_gamut(*lab)])


def _color(random: np.random.Generator, lightness: float) -> np.ndarray:
    angle, chroma = random.uniform(0, 2 * np.pi), random.uniform(20, 60)
    return np.array([lightness, chroma * np.cos(angle), chroma * np.sin(angle)], np.float32)


def ways(lab: np.ndarray, shrunk: int) -> dict[str, np.ndarray]:
    """Give ab, (2, H, W), by each way, from a model that sees 1 / `shrunk` of the picture."""
    seen = block_mean(lab, shrunk)
    given = block_mean(seen[1:], 4)
    size = lab.shape[1:]
    nearest = given.repeat(4 * shrunk, axis=1).repeat(4 * shrunk, axis=2)
    slope_a, slope_b, a, b = resize_bilinear(guided_coefficients(seen[0], given), *size)
    guided = np.stack([slope_a * lab[0] + a, slope_b * lab[0] + b])
    return {"nearest": nearest, "bilinear": resize_bilinear(given, *size), "guided": guided}


def near_edges(lab: np.ndarray) -> np.ndarray:
    """Which pixels, (H, W), are within 3 of an edge of colour."""
    edges = np.zeros(lab.shape[1:], bool)
    for axis in (1, 2):
        step = np.abs(np.diff(lab[1:], axis=axis)).max(axis=0) > 3
        edges |= np.pad(step, [(0, int(axis == 1)), (0, int(axis == 2))])
    for axis in (0, 1):
        edges = np.any([np.roll(edges, k, axis) for k in range(-NEAR, NEAR + 1)], axis=0)
    return edges


def distances(lab: np.ndarray, shrunk: int) -> dict[str, np.ndarray]:
    """How far ab is from the truth at every pixel, (H, W), by each way."""
    return {way: np.linalg.norm(ab - lab[1:], axis=0) for way, ab in ways(lab, shrunk).items()}
