"""Compare ways to paint one model's distribution over colours.

    python scripts/painting.py MODEL PHOTOS [COUNT]

MODEL is a name or an .onnx file with guides, PHOTOS a folder of colour photographs. For each way it
prints CIEDE2000 as a share of grey's, and colourfulness as a share of the truth's, at the size that
the model sees. The ways are those of the literature and ours:

- mean: the mean of the distribution, its chroma times a gain;
- sharpened: the same of the distribution at a temperature below 1;
- rebalanced: the annealed mean of Zhang et al. 2016, of the distribution with rare colours weighted
  up, as far as `tilt` says.
"""

import sys
from collections.abc import Iterator

import numpy as np
import onnxruntime
import torch
import torch.nn.functional as F
from torch import Tensor

from photochrom.color.gamut import fit_gamut
from photochrom.color.spaces import lab_to_srgb, srgb_to_lab
from photochrom.evaluation.metrics import colorfulness, mean_ciede2000
from photochrom.inference import zoo
from photochrom.inference.model import Model
from photochrom.networks.bins import ColorBins
from photochrom.training.data.sources import find_photos, load_photo
from photochrom.training.losses import bin_frequency, bin_weights

GAINS = (1.0, 1.2, 1.4, 1.6, 1.8)
WAYS = {  # temperature and tilt
    "mean": (1.0, 0.0),
    "sharpened, 0.75": (0.75, 0.0),
    "sharpened, 0.5": (0.5, 0.0),
    "rebalanced by half": (0.62, 0.5),
    "rebalanced": (0.38, 1.0),
}


def photographs(folder: str, size: int, count: int | None) -> Iterator[np.ndarray]:
    """Give every photograph, or `count` of them evenly, as Lab (H, W, 3), sides multiples of 32."""
    found = find_photos(folder)
    for photo in found[:: max(1, len(found) // (count or len(found)))][:count]:
        rgb = load_photo(photo, size)
        height, width = (side // 32 * 32 for side in rgb.shape[:2])
        yield srgb_to_lab(rgb[:height, :width] / np.float32(255))


def to_ab(logits: Tensor, centres: Tensor, temperature: float, tilt: Tensor | float) -> Tensor:
    """Mean colour, (1, 2, h, w), of logits (1, K, h, w)."""
    share = ((logits + tilt) / temperature).softmax(dim=1)
    return torch.einsum("nkhw,kc->nchw", share, centres)


def scores(lab: np.ndarray, ab: Tensor, gain: float) -> np.ndarray:
    """CIEDE2000 and colourfulness of a painted picture."""
    wide = F.interpolate(gain * ab, size=lab.shape[:2], mode="bilinear")[0].numpy()
    painted = np.stack([lab[..., 0], *fit_gamut(lab[..., 0], wide[0], wide[1])], axis=-1)
    return np.array([mean_ciede2000(painted, lab), colorfulness(lab_to_srgb(painted))])


def main() -> None:
    """Print a table: a line each way, a pair of figures each gain."""
    model, folder = sys.argv[1:3]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else None
    pictures = list(photographs(folder, Model(model, threads=1).size, count))
    bins = ColorBins()
    truths = [torch.from_numpy(lab).movedim(-1, 0)[None, 1:] for lab in pictures]
    frequency = torch.stack([bin_frequency(ab, bins) for ab in truths]).mean(dim=0)
    rare = bin_weights(frequency, 0.5).log().view(1, -1, 1, 1)
    session = onnxruntime.InferenceSession(zoo.find(model))
    sums = np.zeros((len(WAYS), len(GAINS), 2))
    whole = np.zeros(2)
    for lab in pictures:
        whole += mean_ciede2000(lab * [1, 0, 0], lab), colorfulness(lab_to_srgb(lab))
        feeds = {
            "lightness": np.ascontiguousarray(lab[None, None, ..., 0], np.float32),
            "hints": np.zeros((1, 3, *lab.shape[:2]), np.float32),
        }
        (logits,) = (torch.from_numpy(one) for one in session.run(["likelihood"], feeds))
        for to_path, (temperature, tilt) in enumerate(WAYS.values()):
            ab = to_ab(logits, bins.centres, temperature, tilt * rare)
            sums[to_path] += [scores(lab, ab, gain) for gain in GAINS]
    shares = sums / whole
    heads = " | ".join(f"x {gain:g}" for gain in GAINS)
    sys.stdout.write(f"| {len(pictures)} photographs | {heads} |\n" + "|---" * 6 + "|\n")
    for name, row in zip(WAYS, shares, strict=True):
        cells = " | ".join(f"{error:.3f} / {colour:.2f}" for error, colour in row)
        sys.stdout.write(f"| {name} | {cells} |\n")


if __name__ == "__main__":
    main()
