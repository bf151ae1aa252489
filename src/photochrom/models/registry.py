"""The networks by name: each one's config and class."""

from dataclasses import dataclass
from typing import Any

from torch import nn

from photochrom.errors import ConfigError, did_you_mean
from photochrom.models.vivid import Vivid, VividConfig


@dataclass(frozen=True)
class Entry:
    """A network's class and the dataclass of its sizes."""

    network: type[nn.Module]
    config: type[Any]


NETWORKS = {"vivid": Entry(Vivid, VividConfig)}


def find(name: str) -> Entry:
    """Look a network up; raises `ConfigError` for an unknown name."""
    if name not in NETWORKS:
        raise ConfigError(f"unknown network {name!r}{did_you_mean(name, NETWORKS)}")
    return NETWORKS[name]
