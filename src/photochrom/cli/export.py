"""`photochrom export`."""

from pathlib import Path

import click

from photochrom.cli.options import require


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--data", required=True, help="Pictures of the training, or like them.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="[default: RUN/model.onnx]")
@click.option("--size", type=click.IntRange(32, 2048), help="Short side that it is to be shown.")
@click.option("--vividness", type=click.FloatRange(0, 1), help="Where none is asked for.")
@click.option("--bits", type=click.Choice(["8", "16"]), help="Of large weights.")
@click.option("--settle", type=click.IntRange(0), help="Crops to measure batch norm on anew.")
@click.option("--version", help="What the model is to say of itself.")
@click.option("--blend", type=click.Path(path_type=Path), help="Run to take the mean with.")
@click.option("--share", type=click.FloatRange(0, 1), default=0.5, help="Of that run in the mean.")
def command(
    run: Path,
    data: str,
    out: Path | None,
    size: int | None,
    vividness: float | None,
    bits: str | None,
    recalibrate: int | None,
    version: str | None,
    blend: Path | None,
    share: float,
) -> None:
    """Write the model of the training run RUN as one .onnx file, checked against torch.

    With --blend, its weights are the mean of two runs that began from one model,
    which is often better than either.

    \b
    Examples:
      photochrom export runs/vivid --data photos/ -o mine.onnx
      photochrom export runs/fine --blend runs/vivid --share 0.6 --data photos/
    """
    require("train")
    from photochrom.training.run import export_run

    given: dict[str, object] = {
        "size": size,
        "vividness": vividness,
        "bits": int(bits) if bits else None,
        "settle": recalibrate,
        "version": version,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    path, difference = export_run(
        run, data, None, out, (blend, share) if blend else None, **changes
    )
    click.echo(f"{path} (at most {difference:.2f} Lab units from torch)")
