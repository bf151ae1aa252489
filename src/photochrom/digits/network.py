"""The CNN that reads a digit, and the augmentation it learns with."""

from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

from photochrom.digits.data import SIDE
from photochrom.errors import ConfigError


@dataclass(frozen=True)
class DigitsConfig:
    """Sizes, augmentation and schedule; the defaults read 99.5 % and more of MNIST's test digits.

    Augmentation must not make one digit into another: people slant and turn what they write by
    10 or 15 degrees, and MNIST's digits already lean by as much; at 70 degrees a 6 is on its way
    to a 9 and a 7 is a cross between 1 and 4.
    """

    blocks: tuple[tuple[int, ...], ...] = ((32, 32), (64, 64), (128,))
    """Channels of the 3x3 convolutions; the size is halved between blocks."""
    dense: int = 128
    """Units of the layer before the last."""
    norm: bool = True
    """Batch normalisation after each convolution."""
    dropout: float = 0.4
    rotation: float = 12.0
    """Rotate by up to so many degrees, either way."""
    shift: float = 0.08
    """Move by up to this share of the side, along both axes."""
    zoom: float = 0.12
    """Make larger or smaller by up to this share."""
    shear: float = 0.15
    """Slant by up to this share of the height."""
    augmented: float = 1.0
    """Share of the digits that are changed; the rest is shown as it is."""
    epochs: int = 14
    batch: int = 64
    learning_rate: float = 2e-3
    """Highest rate of Adam; it rises in the first epoch and falls to zero along a cosine."""
    held_out: int = 5000
    """Training digits kept for validation."""
    seed: int = 0


def build(config: DigitsConfig) -> Any:
    """Make the network: digits (N, 28, 28, 1) in 0..255 in, ten probabilities out.

    Raises `ConfigError` when nothing of a digit is left after the convolutions.
    """
    _check(config.blocks)
    inputs = keras.Input((SIDE, SIDE, 1))
    features = layers.Rescaling(1 / 255)(inputs)
    for number, block in enumerate(config.blocks):
        if number:
            features = layers.MaxPooling2D()(features)
        for width in block:
            features = layers.Conv2D(width, 3, use_bias=not config.norm)(features)
            if config.norm:
                features = layers.BatchNormalization()(features)
            features = layers.ReLU()(features)
    features = layers.Flatten()(features)
    features = layers.Dense(config.dense, activation="relu")(features)
    if config.dropout:
        features = layers.Dropout(config.dropout)(features)
    outputs = layers.Dense(10, activation="softmax")(features)
    return keras.Model(inputs, outputs, name="digits")


def _check(blocks: tuple[tuple[int, ...], ...]) -> None:
    side = SIDE
    for number, block in enumerate(blocks, 1):
        side = (side if number == 1 else side // 2) - 2 * len(block)  # what a 3x3 filter leaves
        if side < 1:
            raise ConfigError(
                f"blocks: nothing of a digit is left in block {number}; take fewer blocks, "
                "or fewer convolutions in each"
            )


def augmentation(config: DigitsConfig) -> Any:
    """Make the layers that rotate, shift, zoom and shear digits on black, (N, 28, 28, 1)."""
    black: dict[str, Any] = {"fill_mode": "constant", "fill_value": 0.0}
    chosen = []
    if config.rotation:
        chosen.append(layers.RandomRotation(config.rotation / 360, seed=config.seed, **black))
    if config.shift:
        chosen.append(
            layers.RandomTranslation(config.shift, config.shift, seed=config.seed + 1, **black)
        )
    if config.zoom:
        chosen.append(layers.RandomZoom(config.zoom, config.zoom, seed=config.seed + 2, **black))
    if config.shear:
        chosen.append(layers.RandomShear(x_factor=config.shear, seed=config.seed + 3, **black))
    chosen = chosen or [layers.Identity()]
    return keras.Sequential([keras.Input((SIDE, SIDE, 1)), *chosen], name="augmentation")
