"""Nodes for ComfyUI: colour pictures, with hints and a palette, by any model that is there.

Pictures are ComfyUI's: torch tensors (B, H, W, 3), floats in 0..1.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from photochrom import Colorizer, list_models

CATEGORY = "Photochrom"
QUALITIES = ["fast", "good", "best"]


@lru_cache(maxsize=2)
def colorizer(model: str) -> Colorizer:
    """Open a model, and keep the last ones."""
    return Colorizer(model)


def arrays(images) -> list:
    """Give the pictures of a batch as arrays (H, W, 3), floats in 0..1."""
    return [np.clip(one.cpu().numpy().astype(np.float32), 0, 1) for one in images]


class PhotochromColorize:
    """Colour each picture of a batch; its lightness stays as it is."""

    CATEGORY = CATEGORY
    FUNCTION = "colorize"
    RETURN_TYPES = ("IMAGE",)

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {
                "image": ("IMAGE",),
                "model": (list_models(), {"default": "vivid"}),
                "vividness": ("FLOAT", {"default": 0.5, "min": 0.0, "max": 1.0, "step": 0.05}),
                "quality": (QUALITIES, {"default": "good"}),
            },
            "optional": {"hints": ("PHOTOCHROM_HINTS",), "palette": ("PHOTOCHROM_PALETTE",)},
        }

    def colorize(self, image, model, vividness, quality, hints=(), palette=None):
        options = {"vividness": vividness, "quality": quality, "hints": tuple(hints)}
        if palette is not None:
            options |= palette
        colored = [colorizer(model).colorize(one, **options) for one in arrays(image)]
        return (torch.from_numpy(np.stack(colored)),)


class PhotochromHint:
    """Add a point and its colour to hints."""

    CATEGORY = CATEGORY
    FUNCTION = "add"
    RETURN_TYPES = ("PHOTOCHROM_HINTS",)

    @classmethod
    def INPUT_TYPES(cls):
        pixels = {"default": 0, "min": 0, "max": 100_000}
        return {
            "required": {
                "x": ("INT", pixels),
                "y": ("INT", pixels),
                "color": ("STRING", {"default": "#2c4a7c"}),
                "reach": (["everything", "thing", "spot"],),
            },
            "optional": {"hints": ("PHOTOCHROM_HINTS",)},
        }

    def add(self, x, y, color, reach, hints=()):
        return ((*hints, (x, y, color, reach)),)


class PhotochromPalette:
    """Take the colours of another picture, where things look alike."""

    CATEGORY = CATEGORY
    FUNCTION = "take"
    RETURN_TYPES = ("PHOTOCHROM_PALETTE",)

    @classmethod
    def INPUT_TYPES(cls):
        strength = {"default": 1.0, "min": 0.0, "max": 1.0, "step": 0.05}
        return {"required": {"reference": ("IMAGE",), "strength": ("FLOAT", strength)}}

    def take(self, reference, strength):
        return ({"reference": arrays(reference)[0], "reference_strength": strength},)


class PhotochromAdopt:
    """Make a model of an ONNX file that others published; give its name."""

    CATEGORY = CATEGORY
    FUNCTION = "adopt"
    RETURN_TYPES = ("STRING",)
    OUTPUT_NODE = True

    @classmethod
    def INPUT_TYPES(cls):
        from photochrom.inference.families import FAMILIES

        return {
            "required": {
                "file": ("STRING", {"default": "model.onnx"}),
                "kind": (list(FAMILIES),),
                "licence": ("STRING", {"default": ""}),
            }
        }

    def adopt(self, file, kind, licence):
        from photochrom.inference.adoption import Adoption, adopt

        return (adopt(Path(file), Adoption(kind, licence), overwrite=True).name,)


NODE_CLASS_MAPPINGS = {
    one.__name__: one
    for one in (PhotochromColorize, PhotochromHint, PhotochromPalette, PhotochromAdopt)
}
NODE_DISPLAY_NAME_MAPPINGS = {
    "PhotochromColorize": "Colorize (Photochrom)",
    "PhotochromHint": "Colour hint (Photochrom)",
    "PhotochromPalette": "Colours of another picture (Photochrom)",
    "PhotochromAdopt": "Adopt a model (Photochrom)",
}
