"""Frames of an animation, whose colours stay where the picture does."""

import numpy as np

from photochrom.color.spaces import Floats
from photochrom.color.upsampling import resize_bilinear

_MEMORY = 48.0  # predictions: more than so many weigh no more
_SAME = 4.0  # of L*: a cell that differs by so much has mostly another colour


class Steadied:
    """The colours of an animation's frames, each cell the mean over the time that it looks alike.

    Films are steadied along the motion (see `photochrom.video.smoothing`), which takes a further
    library; in the few frames of an animation most cells stay where they are.
    """

    def __init__(self) -> None:
        self._before: tuple[Floats, Floats, Floats] | None = None
        self._number = -1

    def frame(self, number: int, lightness: Floats, ab: Floats) -> Floats:
        """Give frame `number`, from 0, its colours: (2, h, w), as `ab`.

        `lightness`, (H, W) in 0..100, is what the model saw. Frames that do not follow one another
        have nothing of each other.
        """
        cells = resize_bilinear(lightness[None], *ab.shape[1:])[0]
        weight = np.zeros_like(cells)
        mean = ab
        if self._before and number == self._number + 1 and self._before[1].shape == ab.shape:
            old_cells, old_ab, old_weight = self._before
            trust = np.exp(-(((cells - old_cells) / _SAME) ** 2))
            weight = np.minimum(old_weight * trust, _MEMORY)
            mean = (old_ab * weight + ab) / (weight + 1)
        self._before, self._number = (cells, mean, weight + 1), number
        return mean
