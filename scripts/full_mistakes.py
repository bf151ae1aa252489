"""Print what three mistakes cost that a well-known copy of Full made: `full_mistakes.py PICTURES`.

The pictures must have colours. It needs no trained network: each figure is about the data that
the copy's network was given.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

from photochrom.color.spaces import srgb_to_lab
from photochrom.evaluation.candidates import load
from photochrom.evaluation.metrics import mean_ciede2000
from photochrom.image import find_pictures
from photochrom.networks.full import Classifier
from photochrom.training.data.crops import warp

CLASSIFIER = "tf_efficientnet_lite2"
MOST = 100  # pictures
ROTATION, SHEAR = 20.0, 11.0  # degrees, as the copy augmented


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def wrong_scale(pictures: list[np.ndarray]) -> float:
    """Share of pictures whose likeliest class is among the five likeliest in the wrong scale.

    Wrong is 0..1 where 0..255 is expected: the classifier sees a picture that is nearly black.
    """
    classifier = Classifier(CLASSIFIER, "auto").eval()
    kept = 0
    for lab in pictures:
        lightness = torch.from_numpy(np.ascontiguousarray(lab[None, None, ..., 0]))
        with torch.no_grad():
            best = int(classifier(lightness).argmax())
            kept += best in classifier(lightness / 255).topk(5).indices[0].tolist()
    return kept / len(pictures)


def misaligned(pictures: list[np.ndarray]) -> float:
    """Mean CIEDE2000 to the truth when lightness is rotated and sheared and its colours are not.

    It is what the copy's network would be taught even by perfect pictures.
    """
    random = np.random.default_rng(0)
    errors = []
    for lab in pictures:
        side = min(lab.shape[:2])
        square = torch.from_numpy(np.moveaxis(lab[:side, :side], -1, 0).copy())
        angles = random.uniform(-1, 1, 2) * (ROTATION, SHEAR)
        turned = warp(square, *angles)
        taught = torch.cat([turned[:1], square[1:]])
        errors.append(mean_ciede2000(taught.permute(1, 2, 0), turned.permute(1, 2, 0)))
    return float(np.mean(errors))


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path)
    paths = find_pictures(parser.parse_args().pictures)
    paths = paths[:: max(1, len(paths) // MOST)][:MOST]
    pictures = [srgb_to_lab(load(path) / np.float32(255)) for path in paths]
    grey = np.mean([mean_ciede2000(lab * [1, 0, 0], lab) for lab in pictures])
    kept = wrong_scale(pictures)
    say(f"{len(pictures)} pictures; CIEDE2000 of the grey picture: {grey:.1f}")
    say(f"in the wrong scale the classifier's first class stays among its five: {kept:.0%}")
    say(
        f"CIEDE2000 of targets that were not turned with their pictures: {misaligned(pictures):.1f}"
    )


if __name__ == "__main__":
    main()
