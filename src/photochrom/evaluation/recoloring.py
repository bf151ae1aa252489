"""A photograph in which one thing has another colour: what a hint asks for, with the answer known.

A thing is a connected segment of like colour (Felzenszwalb and Huttenlocher, "Efficient graph-based
image segmentation", 2004), its neighbours of like colour joined to it.
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from skimage.segmentation import felzenszwalb

from photochrom.color.gamut import fit_gamut
from photochrom.color.spaces import Floats, lab_to_srgb

AREA = (0.02, 0.35)
"""Least and greatest share of the picture that a thing covers."""
CHROMA = (8.0, 50.0)
"""Least and greatest chroma, in Lab units, that a thing is given."""
DIFFERENCE = 20.0
"""Lab units of ab by which the new colour differs from the old one, at least."""
TEXTURE = 0.5
"""Share of the old colours' variation that stays in the new ones."""
MAX_OUTSIDE = 0.1
"""Greatest share of a thing's pixels whose new colour lies beyond sRGB; their chroma is reduced."""
TRIES = 12
"""How many colours are tried, and in how many things of a picture."""
_LIGHTNESS = (20.0, 88.0)  # of a thing, in the mean: nearer to black and white no colour shows
_ALIKE = 5.0  # Lab units of ab: segments that touch and differ by less belong to one thing
_STRAY = 24.0  # pixels of a thing that differ more from its mean keep their colour
_FINE = 2  # things are sought in a picture so many times smaller
_CALMER = 0.85  # share of the greatest chroma that is left after each try: dark things hold little

Mask = npt.NDArray[np.bool_]


def find_thing(lab: Floats, random: np.random.Generator) -> Mask | None:
    """Choose a thing in a Lab picture (H, W, 3): where it is, (H, W); None where there is none."""
    small = lab[::_FINE, ::_FINE]
    labels = _merged(_segments(small), small[..., 1:])
    areas = np.bincount(labels.ravel()) / labels.size
    lightness = _means(labels, small[..., 0])
    wanted = (areas > AREA[0]) & (areas < AREA[1])
    wanted &= (lightness > _LIGHTNESS[0]) & (lightness < _LIGHTNESS[1])
    for label in random.permutation(np.flatnonzero(wanted))[:TRIES]:
        inside = _at_full_size(labels == label, lab)
        if inside.mean() > AREA[0]:
            return inside
    return None


def recolor(lab: Floats, inside: Mask, random: np.random.Generator) -> Floats | None:
    """Give the thing `inside`, (H, W), of a Lab picture (H, W, 3) another hue and chroma.

    All else stays as it is, lightness too. None where sRGB holds no colour that is far enough.
    """
    old = lab[inside]
    mean = old[:, 1:].mean(axis=0)
    for attempt in range(TRIES):
        color = draw_color(attempt, random)
        if np.hypot(*(color - mean)) < DIFFERENCE:
            continue
        ab = color + TEXTURE * (old[:, 1:] - mean)
        new = np.column_stack([old[:, 0], ab]).astype(np.float32)
        if _outside_gamut(new) > MAX_OUTSIDE:
            continue
        recolored = lab.copy()
        recolored[inside] = np.column_stack([new[:, 0], *fit_gamut(*np.ascontiguousarray(new.T))])
        return recolored
    return None


def draw_color(attempt: int, random: np.random.Generator) -> npt.NDArray[np.float64]:
    """Draw a and b of a new colour; the more `attempt`s were in vain, the less chroma it has."""
    greatest = max(CHROMA[0], CHROMA[1] * _CALMER**attempt)
    hue, chroma = random.uniform(0, 2 * np.pi), random.uniform(CHROMA[0], greatest)
    return np.array([np.cos(hue), np.sin(hue)]) * chroma


def points_inside(inside: Mask, count: int, random: np.random.Generator) -> list[tuple[int, int]]:
    """Choose `count` pixels, rows and columns, in a thing (H, W), away from its border."""
    depth = ndimage.distance_transform_edt(np.pad(inside, 1))[1:-1, 1:-1]
    rows, columns = np.nonzero(depth > min(3.0, depth.max() / 2))
    chosen = random.integers(len(rows), size=count)
    return [(int(rows[one]), int(columns[one])) for one in chosen]


def _segments(lab: Floats) -> npt.NDArray[np.intp]:
    """Give the number of each pixel's segment, (H, W), in a Lab picture."""
    min_size = max(4, lab.shape[0] * lab.shape[1] // 300)
    labels = felzenszwalb(lab / 100.0, scale=60, sigma=0.6, min_size=min_size, channel_axis=-1)
    return np.asarray(labels, np.intp)


def _merged(labels: npt.NDArray[np.intp], ab: Floats) -> npt.NDArray[np.intp]:
    """Join segments that touch and have like colours."""
    color = np.stack([_means(labels, ab[..., plane]) for plane in (0, 1)], axis=-1)
    touching = [(labels[1:], labels[:-1]), (labels[:, 1:], labels[:, :-1])]
    one, two = (np.concatenate([pair[side].ravel() for pair in touching]) for side in (0, 1))
    alike = np.hypot(*(color[one] - color[two]).T) < _ALIKE
    links = coo_array((alike, (one, two)), shape=(len(color), len(color)))
    links.eliminate_zeros()
    return np.asarray(connected_components(links, directed=False)[1][labels], np.intp)


def _means(labels: npt.NDArray[np.intp], plane: Floats) -> npt.NDArray[np.float64]:
    """Mean of a plane over each label."""
    counts = np.bincount(labels.ravel())
    return np.asarray(np.bincount(labels.ravel(), plane.ravel()) / np.maximum(counts, 1))


def _at_full_size(mask: Mask, lab: Floats) -> Mask:
    """Bring a thing to the size of the picture, without pixels of quite another colour."""
    height, width = lab.shape[:2]
    inside = mask.repeat(_FINE, axis=0).repeat(_FINE, axis=1)[:height, :width]
    inside = ndimage.binary_opening(inside, iterations=1)
    if not inside.any():
        return np.asarray(inside)
    stray = np.hypot(*(lab[..., 1:] - lab[inside][:, 1:].mean(axis=0)).transpose(2, 0, 1))
    return np.asarray(inside & (stray < _STRAY))


def _outside_gamut(lab: Floats) -> float:
    rgb = lab_to_srgb(lab)
    return float(((rgb < -0.02) | (rgb > 1.02)).any(axis=-1).mean())
