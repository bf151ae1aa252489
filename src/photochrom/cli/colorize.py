"""`photochrom colorize`: its options; the work is in run_colorize.py."""

import os
from pathlib import Path
from typing import Any

import click

from photochrom.cli import films
from photochrom.cli import options as shared
from photochrom.cli.help import COLORS, DIRECTORIES, HINTS, OUTPUT, SPEED, Command, missing, option
from photochrom.storage import is_remote, to_path
from photochrom.video import EXTENSIONS, is_film

PRESETS = ("hand-coloured", "autochrome", "technicolor", "kodachrome", "faded")
FORMATS = ("jpg", "png", "tif", "webp", "avif", "pdf")
_JPEG = (".jpg", ".jpeg")
FILM_FORMATS = ("mp4", "mov", "mkv", "webm")


def _here(text: str) -> Path:
    """Make a path of what is to be on this machine."""
    if "://" in text:
        raise click.BadParameter(f"{text} is an address; give a file of this machine")
    return Path(text)


@click.command(cls=Command)
@click.argument("pictures", nargs=-1, type=to_path, metavar="PICTURES...")
@option(
    "-o",
    "--out",
    metavar="PATH",
    group=OUTPUT,
    help="Write to this picture or folder; a name that ends in / is a folder, - a pipe.",
)
@shared.overwrite
@option("--dry-run", is_flag=True, group=OUTPUT, help="Print what would be done; write nothing.")
@option(
    "--format",
    "extension",
    type=shared.FormatChoice([*FORMATS, *FILM_FORMATS]),
    metavar="FORMAT",
    show_default="as the input",
    group=OUTPUT,
    help=(
        f"Write pictures as {', '.join(FORMATS[:-1])} or {FORMATS[-1]}, "
        f"films as {', '.join(FILM_FORMATS[:-1])} or {FILM_FORMATS[-1]}."
    ),
)
@option(
    "--name",
    metavar="PATTERN",
    default="{stem}",
    show_default=True,
    group=OUTPUT,
    help="Call outputs so, as in '{stem}-colour'; {ext} and {parent} are the input's, too.",
)
@option(
    "--suffix",
    metavar="TEXT",
    show_default="-colour beside the input, none in a folder of -o",
    group=OUTPUT,
    help="Write this behind the stem of each output.",
)
@option(
    "--jpeg-quality",
    type=click.IntRange(1, 100),
    metavar="NUMBER",
    show_default="92",
    group=OUTPUT,
    help="Write JPEGs, and those in PDFs, in this quality, 1 to 100.",
)
@option(
    "--profile",
    type=click.Choice(["srgb", "p3"]),
    default="srgb",
    show_default=True,
    group=OUTPUT,
    help="Write colours of sRGB or of Display P3.",
)
@option(
    "--pyramid",
    is_flag=True,
    group=OUTPUT,
    help="Write TIFFs in tiles, with smaller versions, for viewers of large pictures.",
)
@option(
    "--note/--no-note",
    default=True,
    group=OUTPUT,
    help="Say in the XMP how a picture was coloured, or do not.",
)
@option(
    "--sign",
    nargs=2,
    type=_here,
    metavar="CERT KEY",
    group=OUTPUT,
    help="Sign outputs as Content Credentials, with a certificate and its key, both .pem.",
)
@option(
    "--report",
    "summary",
    type=to_path,
    metavar="PATH",
    group=OUTPUT,
    help="Write what came of each picture to this .html, .csv or .json.",
)
@option("--quiet", is_flag=True, group=OUTPUT, help="Print nothing but what fails.")
@option("--json", "as_json", is_flag=True, group=OUTPUT, help="Print an object a picture, as JSON.")
@shared.model
@shared.vividness
@option(
    "--strength",
    type=click.FloatRange(0, 1),
    metavar="NUMBER",
    default=1.0,
    show_default=True,
    group=COLORS,
    help="Blend towards grey below 1; 0 is grey.",
)
@option(
    "--palette",
    metavar="COLORS",
    group=COLORS,
    help="Give the picture as a whole these colours, where they fit: '#a03020 20%, navy, tan'; or "
    f"{', '.join(PRESETS[:-1])} or {PRESETS[-1]}; or those of a picture that is named.",
)
@option(
    "--warmth",
    type=click.FloatRange(-1, 1),
    metavar="NUMBER",
    default=0.0,
    show_default=True,
    group=COLORS,
    help="Choose cooler colours, down to -1, or warmer ones, up to 1, where they fit.",
)
@option("--tone", is_flag=True, group=COLORS, help="Keep the tint of sepia or yellowed paper.")
@option(
    "--keep-colour",
    "keep_color",
    is_flag=True,
    group=COLORS,
    help="Leave pictures alone that have colours already.",
)
@option(
    "--allow-damaged",
    is_flag=True,
    group=COLORS,
    help="Colour what is there of a JPEG that is cut off; the rest stays grey.",
)
@shared.size
@films.options
@shared.hint
@option(
    "--hints",
    type=_here,
    metavar="FILE",
    group=HINTS,
    help='Take hints from a JSON list of [x, y, "#rrggbb"], or with a reach as in --hint.',
)
@option(
    "--hint-layer",
    type=_here,
    metavar="FILE",
    group=HINTS,
    help="Take hints from what is painted on this transparent PNG, as large as the picture.",
)
@option(
    "--project",
    type=_here,
    metavar="FILE",
    group=HINTS,
    help="Take what was chosen in the studio from a project that it saved; of a film, what stands "
    "in the .toml that photochrom shots wrote.",
)
@option(
    "--reference",
    "references",
    multiple=True,
    type=_here,
    metavar="[TIME=]FILE",
    group=HINTS,
    help="Take the colours of this picture, where things look alike. Of a film, 00:12:31=still.png "
    "is the frame of that time, in the colours of its shot. Repeat it for more.",
)
@option(
    "--reference-strength",
    type=click.FloatRange(0, 1),
    metavar="NUMBER",
    default=1.0,
    show_default=True,
    group=HINTS,
    help="Take the colours of the reference less below 1; at 0 the model's own stay.",
)
@option(
    "--variants",
    "--proposals",
    "variants",
    type=click.IntRange(2, 12),
    metavar="COUNT",
    group=HINTS,
    help="Write so many variants of one picture, 2 to 12.",
)
@option(
    "--files-from",
    metavar="FILE",
    group=DIRECTORIES,
    help="Take the pictures that this file names, one a line; - is standard input.",
)
@option(
    "--recursive/--no-recursive",
    default=True,
    group=DIRECTORIES,
    help="Search folders in folders, too, or do not.",
)
@option(
    "--include",
    multiple=True,
    metavar="PATTERN",
    group=DIRECTORIES,
    help='Take only paths such as "*.tif". Repeat it for more.',
)
@option(
    "--exclude",
    multiple=True,
    metavar="PATTERN",
    group=DIRECTORIES,
    help='Leave out paths such as "thumbs/*". Repeat it for more.',
)
@option(
    "--verify",
    is_flag=True,
    group=DIRECTORIES,
    help="Tell which outputs are not, byte for byte, as written; --overwrite colours them again.",
)
@option(
    "--watch",
    is_flag=True,
    group=DIRECTORIES,
    help="Go on with what arrives in the folders, until Ctrl+C.",
)
@shared.quality
@shared.device
@option(
    "--jobs",
    type=click.IntRange(1),
    metavar="COUNT",
    show_default="all cores",
    group=SPEED,
    help="Colour so many pictures at once.",
)
@option(
    "--threads",
    type=click.IntRange(1),
    metavar="COUNT",
    show_default="all cores for one picture, 1 for each of many",
    group=SPEED,
    help="Use so many threads for a picture.",
)
@option(
    "--ray",
    "cluster",
    is_flag=False,
    flag_value="local",
    metavar="[ADDRESS]",
    group=SPEED,
    help="Work on the Ray cluster at ADDRESS. Without it, stand last: one of this machine is used. "
    "Of one film, alone and with --no-memory, each worker colours segments, by --threads cores.",
)
def command(files_from: str | None, **given: Any) -> None:
    """Colour PICTURES and films: files, folders with all below them, or addresses.

    Without -o, x.jpg becomes x-colour.jpg beside it, and a folder x becomes a folder
    x-colour. A folder of outputs keeps a journal: give the same command again, after
    whatever stopped it, and only what is missing or has changed is done.

    An output that exists is replaced only with --overwrite, or when it is, byte for
    byte, what the journal says was written, of other options or another picture.

    \b
    Examples:
      photochrom colorize grandma.jpg
      photochrom colorize grandma.jpg -o grandma.png --vividness 0.8
      photochrom colorize grandma.jpg --hint 310,420,#2c4a7c
      photochrom colorize grandma.jpg --variants 4
      photochrom colorize grandma.jpg --palette hand-coloured
      photochrom colorize scans/ -o colour/ --include "*.tif" --format jpg
      photochrom colorize s3://archive/scans -o s3://archive/colour
      photochrom colorize - < grandma.jpg > colour.jpg
    """
    _begin(**given)
    from photochrom.cli.request import Request, listed
    from photochrom.cli.run_colorize import run

    if files_from:
        given["pictures"] += tuple(listed(files_from))
    if not given["pictures"]:
        context = click.get_current_context()
        raise missing(context.command.params[0], context)
    run(Request(**given))


def _begin(pictures: tuple[Path, ...], model: str, device: str, **given: Any) -> None:
    """Open the model, and decode a picture, on other threads while more is loaded, for one file.

    Nothing is said here: what is wrong with either is told where it is asked for.
    """
    is_one = len(pictures) == 1 and pictures[0].suffix.lower() in (*_JPEG, *EXTENSIONS)
    if not is_one or given["variants"] or given["dry_run"] or is_remote(pictures[0]):
        return
    from photochrom.inference import model as models

    models.begin(model, given["threads"] or os.cpu_count() or 1, device)
    if is_film(pictures[0]):
        return
    from photochrom.image import luma

    luma.begin(pictures[0])
