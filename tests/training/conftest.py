"""What tests of training have: two photographs to learn from."""

import pytest
import skimage.data
from PIL import Image


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data").mkdir()
    for name in ("astronaut", "coffee"):
        picture = Image.fromarray(getattr(skimage.data, name)()[:300, :300])
        picture.save(tmp_path / "data" / f"{name}.png")
    return tmp_path
