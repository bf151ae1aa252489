"""The networks by name: each one's config and class."""

from dataclasses import dataclass
from typing import Any

from photochrom.errors import ConfigError, did_you_mean
from photochrom.networks.alpha import Alpha, AlphaConfig
from photochrom.networks.base import Network
from photochrom.networks.beta import Beta, BetaConfig
from photochrom.networks.full import Full, FullConfig
from photochrom.networks.vivid import Vivid, VividConfig


@dataclass(frozen=True)
class Entry:
    """A network's class and the dataclass of its sizes."""

    network: type[Network]
    config: type[Any]
    summary: str
    """What it is, in a few words."""
    max_pictures: int | None = None
    """How many pictures it can learn, when it is made for a few."""


NETWORKS = {
    "alpha": Entry(Alpha, AlphaConfig, "learns one picture by heart", max_pictures=10),
    "beta": Entry(Beta, BetaConfig, "encoder-decoder, mean squared error"),
    "full": Entry(Full, FullConfig, "encoder-decoder told by a classifier what it sees"),
    "vivid": Entry(Vivid, VividConfig, "U-Net, a distribution over colours"),
}


def find(name: str) -> Entry:
    """Look a network up; raises `ConfigError` for an unknown name."""
    if name not in NETWORKS:
        raise ConfigError(
            f"unknown network {name!r}{did_you_mean(name, NETWORKS)}; choose {', '.join(NETWORKS)}"
        )
    return NETWORKS[name]
