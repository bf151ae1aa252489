"""The grid of ab bins: colours to distributions over bins, and distributions to colours."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.color.spaces import lab_to_srgb


class ColorBins(nn.Module):
    """A square grid over the ab plane, kept where sRGB reaches.

    A colour is encoded softly: bilinear weights on the four bins around it, so that the mean of
    the encoding is the colour itself (Zhang et al. 2016 use the five nearest bins; on a regular
    grid four weights are exact and need no search).

    `centres` is (K, 2), in Lab units.
    """

    centres: Tensor
    index: Tensor

    def __init__(self, step: float = 10.0) -> None:
        super().__init__()
        self.step = step
        self.reach = int(np.ceil(110 / step))
        used = _cells_in_gamut(step, self.reach)
        rows, columns = np.nonzero(used)
        centres = np.stack([rows - self.reach, columns - self.reach], axis=1) * step
        index = np.full(used.shape, 0)
        index[rows, columns] = np.arange(len(rows))
        self.register_buffer("centres", torch.tensor(centres, dtype=torch.float32))
        self.register_buffer("index", torch.tensor(index), persistent=False)

    def __len__(self) -> int:
        """Count the bins."""
        return len(self.centres)

    def encode(self, ab: Tensor) -> tuple[Tensor, Tensor]:
        """Encode ab, (N, 2, H, W) in Lab units: bins and weights, both (N, 4, H, W)."""
        position = (ab / self.step + self.reach).clamp(0, 2 * self.reach - 1e-3)
        corner = position.floor().long()
        share_a, share_b = (position - corner).unbind(1)
        row, column = corner.unbind(1)
        weights = torch.stack(
            [
                (1 - share_a) * (1 - share_b),
                (1 - share_a) * share_b,
                share_a * (1 - share_b),
                share_a * share_b,
            ],
            dim=1,
        )
        bins = torch.stack([self.index[row + i, column + j] for i in (0, 1) for j in (0, 1)], dim=1)
        return bins, weights

    def mean(self, logits: Tensor) -> Tensor:
        """Mean colour, (N, 2, H, W), of the distributions softmax(logits), (N, K, H, W).

        Sums over bins are a 1x1 convolution: a softmax over channels takes ONNX Runtime ten times
        as long.
        """
        raised = (logits - logits.detach().amax(dim=1, keepdim=True)).exp()
        table = torch.cat([self.centres, torch.ones_like(self.centres[:, :1])], dim=1)
        a, b, total = F.conv2d(raised, table.T[:, :, None, None]).chunk(3, dim=1)
        return torch.cat([a, b], dim=1) / total


def _cells_in_gamut(step: float, reach: int) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Which grid points, (2 * reach + 1) squared, touch a cell that holds an sRGB colour."""
    fine = np.arange(-reach * step, reach * step, 1.0) + 0.5
    a, b = np.meshgrid(fine, fine, indexing="ij")
    reached = np.zeros(a.shape, bool)
    for lightness in range(1, 100):
        rgb = lab_to_srgb(np.stack([np.full_like(a, lightness), a, b], axis=-1))
        reached |= ((rgb >= 0) & (rgb <= 1)).all(axis=-1)
    used = np.zeros((2 * reach + 1, 2 * reach + 1), bool)
    rows = np.floor(a[reached] / step).astype(int) + reach
    columns = np.floor(b[reached] / step).astype(int) + reach
    for i in (0, 1):
        for j in (0, 1):
            used[rows + i, columns + j] = True
    return used
