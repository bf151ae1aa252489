import numpy as np
import pytest
from skimage.color import deltaE_ciede2000

from photochrom.evaluation.difference import ciede2000

RANDOM = np.random.default_rng(0)

# The first pairs of the table in Sharma, Wu and Dalal 2005.
PUBLISHED = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, 3.1571, -77.2803), (50, 0, -82.7485), 2.8615),
    ((50, 2.8361, -74.0200), (50, 0, -82.7485), 3.4412),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
    ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((50, 2.5, 0), (50, 3.1736, 0.5854), 1.0000),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("first", "second", "published"), PUBLISHED)
def test_ciede2000_gives_the_published_differences(first, second, published) -> None:
    assert ciede2000(first, second) == pytest.approx(published, abs=5e-5)


def test_ciede2000_agrees_with_scikit_image() -> None:
    first, second = RANDOM.normal(20, 40, (2, 1000, 3))
    np.testing.assert_allclose(ciede2000(first, second), deltaE_ciede2000(first, second))
