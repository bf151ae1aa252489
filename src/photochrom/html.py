"""One self-contained HTML page: pictures inside, nothing fetched, readable in any browser."""

import base64
import html
from collections.abc import Iterable, Sequence
from pathlib import Path

_COMPARE = """
.compare { position: relative; width: var(--width); max-width: 100%; margin: 0; }
.compare img { display: block; width: 100%; }
.compare .over { position: absolute; inset: 0; clip-path: inset(0 0 0 var(--at, 50%)); }
.compare input { width: 100%; margin: 4px 0 0; accent-color: #b4552d; }
.row { display: flex; flex-wrap: wrap; gap: 16px; margin: 16px 0; }
"""
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #777; }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 1180px; margin: 0 auto; padding: 24px; }
h1 { font-size: 2rem; line-height: 1.2; } h2 { margin-top: 2.5rem; }
p { max-width: 46rem; } .soft, figcaption { color: var(--soft); font-size: .87rem; }
img { max-width: 100%; height: auto; } figure { margin: 0; }
figcaption { overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .7rem; border-bottom: 1px solid var(--line); text-align: right; }
th, td { white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } thead th { vertical-align: bottom; }
.digits img { image-rendering: pixelated; width: 84px; border-radius: 4px; display: block; }
.heat img { width: 240px; }
"""


def page(title: str, sections: Iterable[str]) -> str:
    """Join HTML fragments to a whole page."""
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE}{_COMPARE}</style>\n"
        f"<body>\n<h1>{html.escape(title)}</h1>\n" + "\n".join(sections) + "\n</body>\n</html>\n"
    )


def fragment(section: str) -> str:
    """Give a fragment with the style that it needs, to stand in a page of others, as a notebook."""
    return f"<style>{_COMPARE}</style>{section}"


def heading(text: str) -> str:
    """Start a section."""
    return f"<h2>{html.escape(text)}</h2>"


def paragraph(text: str, *, soft: bool = False) -> str:
    """Give a paragraph of plain text, set small if `soft`."""
    return f"<p{' class=soft' if soft else ''}>{html.escape(text)}</p>"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Give a table; the first column is set left, the others right."""
    top = "".join(f"<th>{html.escape(name)}</th>" for name in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def picture(data: bytes, description: str, caption: str = "", subtype: str = "png") -> str:
    """Show an encoded picture, with what it shows in words, and a caption."""
    below = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
    return (
        f'<figure><img alt="{html.escape(description)}" src="{_address(data, subtype)}">'
        f"{below}</figure>"
    )


def picture_file(path: Path, description: str, caption: str = "") -> str:
    """Show the picture in a file."""
    return picture(path.read_bytes(), description, caption, path.suffix[1:].replace("jpg", "jpeg"))


def row(sections: Iterable[str], subtype: str = "") -> str:
    """Set fragments side by side, as many as fit."""
    return f'<div class="row {subtype}">' + "".join(sections) + "</div>"


def compare(
    before: bytes, after: bytes, caption: str, *, width: int = 256, subtype: str = "jpeg"
) -> str:
    """Lay one picture over another of the same size, with a slider between them."""
    return (
        f'<figure class="compare" style="--width:{width}px"><div style="position:relative">'
        f'<img alt="before: {html.escape(caption)}" src="{_address(before, subtype)}">'
        f'<img class="over" alt="after: {html.escape(caption)}" src="{_address(after, subtype)}">'
        '</div><input type="range" value="50" min="0" max="100" '
        "oninput=\"this.parentNode.style.setProperty('--at', this.value + '%')\" "
        f'aria-label="Uncover the picture below: {html.escape(caption)}">'
        f"<figcaption>{html.escape(caption)}</figcaption></figure>"
    )


def _address(data: bytes, subtype: str) -> str:
    return f"data:image/{subtype};base64,{base64.b64encode(data).decode()}"
