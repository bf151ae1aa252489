"""The difference of two colours."""

import numpy as np
import numpy.typing as npt


def ciede2000(first: npt.ArrayLike, second: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """CIEDE2000 colour difference, shape (...), of two Lab arrays of shape (..., 3).

    Formula and weights (all 1) as in Sharma, Wu and Dalal, "The CIEDE2000 Color-Difference
    Formula", Color Research and Application 30(1), 2005.
    """
    l1, a1, b1 = np.moveaxis(np.asarray(first, np.float64), -1, 0)
    l2, a2, b2 = np.moveaxis(np.asarray(second, np.float64), -1, 0)
    stretch = 1.5 - 0.5 * _saturate((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2)
    a1, a2 = a1 * stretch, a2 * stretch
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.arctan2(b1, a1) % (2 * np.pi), np.arctan2(b2, a2) % (2 * np.pi)
    colourless = c1 * c2 == 0

    turn = np.where(colourless, 0.0, (h2 - h1 + np.pi) % (2 * np.pi) - np.pi)
    turn = np.where((turn == -np.pi) & (h2 > h1), np.pi, turn)
    delta_h = 2 * np.sqrt(c1 * c2) * np.sin(turn / 2)
    apart = np.abs(h1 - h2) > np.pi
    mean_h = (h1 + h2) / 2 + np.where(apart, np.where(h1 + h2 < 2 * np.pi, np.pi, -np.pi), 0.0)
    mean_h = np.where(colourless, h1 + h2, mean_h)
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2

    weight = (
        1
        - 0.17 * np.cos(mean_h - np.radians(30))
        + 0.24 * np.cos(2 * mean_h)
        + 0.32 * np.cos(3 * mean_h + np.radians(6))
        - 0.20 * np.cos(4 * mean_h - np.radians(63))
    )
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / np.sqrt(20 + (mean_l - 50) ** 2)
    s_c = 1 + 0.045 * mean_c
    s_h = 1 + 0.015 * mean_c * weight
    swing = np.radians(60) * np.exp(-(((np.degrees(mean_h) - 275) / 25) ** 2))
    turn_c_h = -2 * _saturate(mean_c) * np.sin(swing)
    d_l, d_c, d_h = (l2 - l1) / s_l, (c2 - c1) / s_c, delta_h / s_h
    difference: npt.NDArray[np.float64] = np.sqrt(d_l**2 + d_c**2 + d_h**2 + turn_c_h * d_c * d_h)
    return difference


def _saturate(chroma: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
