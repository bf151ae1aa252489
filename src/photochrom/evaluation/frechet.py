"""The Frechet distance of two sets of pictures, by their features."""

import numpy as np
import numpy.typing as npt
from scipy import linalg

_GROUPS = 10  # of pictures, each of which is left out once

Features = npt.NDArray[np.float64]


def frechet_distance(first: Features, second: Features) -> float:
    """Squared Frechet distance of two Gaussians fitted to features, (N, C) and (M, C).

    |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)), as FID has it (Heusel et al. 2017, equation 6).
    The trace of the root is the sum of the roots of the eigenvalues of C1 C2, which are those of
    X Y' for covariances X'X and Y'Y: so it is exact for fewer pictures than features too.
    """
    means = first.mean(axis=0), second.mean(axis=0)
    one = (first - means[0]) / np.sqrt(max(1, len(first) - 1))
    two = (second - means[1]) / np.sqrt(max(1, len(second) - 1))
    root = linalg.svdvals(one @ two.T).sum()
    distance = ((means[0] - means[1]) ** 2).sum() + (one**2).sum() + (two**2).sum() - 2 * root
    return float(max(distance, 0.0))


def frechet_interval(first: Features, second: Features) -> tuple[float, float] | None:
    """95 % interval of the distance, by leaving out a tenth of the pictures at a time.

    A bootstrap would take pictures twice, which makes every distance larger; the delete-a-group
    jackknife (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 11) does
    not. `first` and `second` are of the same pictures in the same order. None for fewer than 20.
    """
    if len(first) < 2 * _GROUPS:
        return None
    group = np.arange(len(first)) % _GROUPS
    left = [frechet_distance(first[group != one], second[group != one]) for one in range(_GROUPS)]
    reach = 1.96 * np.sqrt((_GROUPS - 1) * np.var(left))
    distance = frechet_distance(first, second)
    return float(max(distance - reach, 0)), float(distance + reach)
