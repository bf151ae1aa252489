"""How a film moves from one frame to the next. The only place that knows OpenCV.

A cell is two by two pixels of the lightness that is compared.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from photochrom.color.spaces import Floats, Samples
from photochrom.color.upsampling import block_mean

CELL = 2
"""Pixels of lightness along a cell's side."""
_LIGHTNESS = 6.0  # Lab units: how much a point may change its lightness and still be the same
_RETURN = 0.5  # cells: how far from where it began a way there and back may end
_CUT = 0.4  # of all cells: where fewer are found again, another shot begins


@dataclass(frozen=True)
class Motion:
    """Where the cells of two successive frames are found in each other."""

    back: Floats
    """From cells of the later frame to where they were: (2, h, w), across and down, in cells."""
    back_trust: Floats
    """How surely each cell of the later frame was there in the earlier: (h, w), 0..1."""
    ahead: Floats
    """From cells of the earlier frame to where they will be."""
    ahead_trust: Floats
    """How surely each cell of the earlier frame is still there in the later."""

    @property
    def is_cut(self) -> bool:
        """Whether the later frame shows something else altogether."""
        return float(self.back_trust.mean()) < _CUT


def between(earlier: Floats, later: Floats) -> Motion:
    """Find the motion between two frames of lightness, (2 h, 2 w) in 0..100.

    By dense inverse search (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", 2016),
    there and back; a cell is trusted where the way back leads home, and lightness is the same.
    The later frame is first given the mean and contrast of the earlier: exposure may flicker.
    """
    contrast = earlier.std() / max(float(later.std()), 1e-3)
    level = (later - later.mean()) * contrast + earlier.mean()
    first, second = (np.clip(one * 2.55, 0, 255).astype(np.uint8) for one in (earlier, level))
    ahead, back = _flow(first, second), _flow(second, first)
    return Motion(
        _in_cells(back),
        _trust(level, earlier, back, ahead),
        _in_cells(ahead),
        _trust(earlier, level, ahead, back),
    )


def warped(planes: Floats, flow: Floats) -> Floats:
    """Give each cell, (C, h, w), what is where `flow`, (2, h, w) in cells, leads to."""
    x, y = _ends(flow)
    last = cv2.merge(list(planes))
    found = cv2.remap(last, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.array(cv2.split(found), np.float32)


def _flow(first: Samples, second: Samples) -> Floats:
    """Displacements, (2, H, W) in pixels, from pixels of the first frame to the second."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    found = search.calc(first, second, np.zeros((*first.shape, 2), np.float32))
    return np.ascontiguousarray(np.moveaxis(np.asarray(found, np.float32), -1, 0))


def _in_cells(flow: Floats) -> Floats:
    """Displacements of pixels, (2, H, W), as those of cells."""
    return block_mean(flow, CELL) / np.float32(CELL)


def _ends(flow: Floats) -> tuple[Floats, Floats]:
    height, width = flow.shape[1:]
    x, y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
    return flow[0] + x, flow[1] + y[:, None]


def _trust(here: Floats, there: Floats, flow: Floats, way_back: Floats) -> Floats:
    """How surely each cell of a frame, (h, w), is found in the other one."""
    difference = block_mean(here[None] - warped(there[None], flow), CELL)[0]
    astray = _in_cells(flow + warped(way_back, flow))
    x, y = _ends(_in_cells(flow))
    inside = (x > -1) & (x < x.shape[1]) & (y > -1) & (y < y.shape[0])
    distance = (difference / _LIGHTNESS) ** 2 + (astray**2).sum(axis=0) / _RETURN**2
    return np.asarray(np.exp(-distance / 2) * inside, np.float32)
