"""What every colorization network keeps to, and what those that predict one colour share."""

from typing import ClassVar, cast

from torch import Tensor, nn

LIGHTNESS_MIDDLE = 50.0
"""Lightness enters as L / 50 - 1, in -1..1."""
AB_REACH = 128.0
"""A tanh times this is a or b, in Lab units."""
TRAINING_ONLY = "classes."
"""How the names of weights begin that serve training alone, and are not exported."""

ADDED = ("queries.", "decision.")
"""How the names of weights begin that an older model need not have, to begin with it. They change
nothing before they learn."""


class Network(nn.Module):
    """Lightness in, colours out.

    `forward` takes lightness (N, 1, H, W) in 0..100, H and W multiples of 32, and gives what the
    losses look at; `to_ab` makes ab of it, (N, 2, h, w) in Lab units, h and w a whole fraction of
    H and W. All scaling lives inside. `vividness` is no matter of the network's: whoever colours
    multiplies the chroma, as far as `gains` say.
    """

    takes_hints: ClassVar[bool] = False
    """Whether `forward` takes hints, (N, 3, H, W), as its second argument."""
    outputs: tuple[str, ...] = ("ab",)
    """Names of what `answer` gives."""
    gains: ClassVar[tuple[float, float]] = (1.0, 2.0)
    """What chroma is multiplied by at a vividness of 0, and at 1."""
    unsharp: ClassVar[float] = 0.0
    """How far colours are to stand out from those around (see `unsharp_mask`). Losses know nothing
    of it: a network that did would blur what is sharpened."""
    settings: ClassVar[dict[str, float]]
    """The values of `vividness` at which a validation looks, by name."""

    def to_ab(self, output: Tensor) -> Tensor:
        """Colours of an output in Lab units, (N, 2, h, w), here the output itself."""
        return output

    def ends(self, output: Tensor) -> tuple[Tensor, ...]:
        """Colours of the middle vividness, as `to_ab` gives them, and natural ones if it has such.

        They are mixed by `inference.model.with_vividness`.
        """
        return (self.to_ab(output),)

    def answer(self, lightness: Tensor, hints: Tensor | None = None) -> tuple[Tensor, ...]:
        """Give what an exported model gives: the colours, and what else `outputs` names."""
        given = (lightness,) if hints is None else (lightness, hints)
        return (self.to_ab(self(*given)),)

    def pretrained(self) -> list[nn.Parameter]:
        """List the parameters that were trained before and should learn more slowly."""
        return []


class Regression(Network):
    """A network that predicts one colour for each place: `forward` gives ab itself."""

    settings: ClassVar[dict[str, float]] = {"painted": 0.0, "middle": 0.5}


def convolution(channels: int, width: int, *, stride: int = 1, norm: bool = False) -> nn.Sequential:
    """3x3 convolution and ReLU, with batch normalisation between them if asked for."""
    layer = nn.Conv2d(channels, width, 3, stride=stride, padding=1, bias=not norm)
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    if not norm:
        return nn.Sequential(layer, nn.ReLU(inplace=True))
    return nn.Sequential(layer, nn.BatchNorm2d(width), nn.ReLU(inplace=True))


def upsampling() -> nn.Upsample:
    """Double height and width, repeating every pixel, as Keras' UpSampling2D does."""
    return nn.Upsample(scale_factor=2.0, mode="nearest")


class Ab(nn.Module):
    """The last layer: a 3x3 convolution to a and b, through tanh, in Lab units."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layer = nn.Conv2d(channels, 2, 3, padding=1)
        nn.init.normal_(self.layer.weight, std=1e-3)  # starts at grey

    def forward(self, features: Tensor) -> Tensor:
        """Give (N, 2, H, W) in Lab units for features (N, C, H, W)."""
        return cast(Tensor, AB_REACH * self.layer(features).tanh())
