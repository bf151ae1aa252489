import numpy as np
import skimage.data

from photochrom.color.toning import has_color


def test_toned_is_not_colour() -> None:
    coloured = skimage.data.astronaut()[::8, ::8] / 255
    grey = coloured.mean(axis=2, keepdims=True) * np.ones(3)
    assert has_color(coloured)
    assert not has_color(grey)
    assert not has_color(grey * [1.0, 0.85, 0.6])
