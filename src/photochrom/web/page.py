"""The studio's page, with what it is to know of the engine behind it."""

from pathlib import Path

from photochrom.web.settings import Settings

STATIC = Path(__file__).parent / "static"
"""The files of the studio."""
PREVIEW = 1400
"""The long side of what the page shows, in pixels."""


def studio_page(settings: Settings, *, films: bool) -> str:
    """Give the page's HTML; `films` tells whether films can be coloured."""
    known = {
        "max_bytes": settings.max_bytes,
        "max_film_bytes": settings.max_film_bytes,
        "has_films": "yes" if films else "no",
        "megabytes": settings.max_bytes >> 20,
        "megapixels": settings.max_pixels // 1_000_000,
        "gigabytes": settings.max_film_bytes >> 30 if films else "",
    }
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    for name, value in known.items():
        page = page.replace(f"{{{name}}}", str(value))
    return page


def preview_size(width: int, height: int) -> tuple[int, int]:
    """Give width and height of the preview of a picture."""
    scale = min(1.0, PREVIEW / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
