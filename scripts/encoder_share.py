"""Print what keeping the encoder's work for another hint would save, in time of one processor.

`python scripts/encoder_share.py`; it colours an example at the size of the studio's page.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime

from photochrom import Colorizer
from photochrom.image import Picture, encode_rgb
from photochrom.inference.model import Model
from photochrom.web.sessions import PREVIEW

EXAMPLE = Path(__file__).parents[1] / "examples/coffee.jpg"
TIMES = 10


def encoder_share(model: Model) -> float:
    """Give the encoder's share of the network's time, by ONNX Runtime's own clock."""
    with tempfile.TemporaryDirectory() as folder:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.enable_profiling, options.profile_file_prefix = True, f"{folder}/profile"
        session = onnxruntime.InferenceSession(str(model.path), options)
        side = model.size
        lightness = np.random.default_rng(0).uniform(0, 100, (1, 1, side, side)).astype(np.float32)
        hints = np.zeros((1, 3, side, side), np.float32)
        for _ in range(TIMES):
            session.run(["ab", "features"], {"lightness": lightness, "hints": hints})
        events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    nodes = [one for one in events if one["name"].endswith("_kernel_time")]
    encoder = sum(one["dur"] for one in nodes if one["name"].startswith("/encoder/"))
    return encoder / sum(one["dur"] for one in nodes)


def hint_times(colorizer: Colorizer) -> tuple[float, float]:
    """Give the seconds of a preview with a new hint, and those of them that the network takes."""
    opened = Picture(EXAMPLE)
    scale = PREVIEW / max(opened.width, opened.height)
    small = opened.thumbnail(round(scale * opened.width), round(scale * opened.height))
    network, run = 0.0, colorizer.model._run

    def timed(*asked):
        nonlocal network
        start = time.process_time()
        found = run(*asked)
        network += time.process_time() - start
        return found

    colorizer.model._run = timed
    start = time.process_time()
    for number in range(TIMES):
        painted = colorizer.colorize(Picture(small), hints=[(100 + number, 100, "#a03020")])
        encode_rgb(painted.array(), ".jpg")
    return (time.process_time() - start) / TIMES, network / TIMES


def main() -> None:
    """Measure and print."""
    colorizer = Colorizer(threads=1)
    share = encoder_share(colorizer.model)
    whole, network = hint_times(colorizer)
    sys.stdout.write(
        f"the encoder takes {share:.0%} of the network's time, the network {network / whole:.0%} "
        "of that of a preview with a new hint: "
        f"kept, the encoder's work would save {share * network / whole:.0%}\n"
    )


if __name__ == "__main__":
    main()
