"""The report of a digits run: one HTML file, and its pictures as PNGs beside it."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from photochrom import html
from photochrom.digits.data import Digits, Mnist
from photochrom.digits.network import DigitsConfig, augmentation
from photochrom.digits.training import Outcome, misread
from photochrom.image import encode_rgb

_LABELS = range(10)


def write(config: DigitsConfig, mnist: Mnist, outcome: Outcome, out: Path) -> Path:
    """Write `report.html` and PNGs into the folder `out`; return the page's path."""
    figures = {
        "labels": _label_counts(mnist),
        "curves": _curves(outcome.curves),
        "confusion": _confusion(outcome, mnist.test_labels),
        "augmentation": _augmented(config, mnist),
    }
    for name, figure in figures.items():
        figure.savefig(out / f"{name}.png", dpi=110)
    wrong = misread(outcome, mnist.test_labels)
    right = len(mnist.test) - len(wrong)
    sections = [
        html.paragraph(
            f"{right} of {len(mnist.test)} test digits read right: {outcome.accuracy:.2%}. "
            f"Trained for {config.epochs} epochs in {outcome.minutes:.1f} minutes on "
            f"{len(mnist.train)} digits; {len(mnist.held_out)} more were held out."
        ),
        html.heading("How many of each digit"),
        html.picture_file(out / "labels.png", "bars: digits by label, train and test"),
        html.heading("What augmentation makes of a digit"),
        html.picture_file(out / "augmentation.png", "five digits, each in seven variants"),
        html.heading("Learning curves"),
        html.picture_file(out / "curves.png", "loss and accuracy over the epochs"),
        html.heading("What was taken for what"),
        html.picture_file(out / "confusion.png", "confusion matrix of the test digits"),
        html.heading(f"All {len(wrong)} misread test digits, the surest mistakes first"),
        html.row([_mistake(outcome, mnist, int(number)) for number in wrong], "digits"),
    ]
    path = out / "report.html"
    path.write_text(html.page("Handwritten digits", sections), encoding="utf-8")
    return path


def _mistake(outcome: Outcome, mnist: Mnist, number: int) -> str:
    taken = int(outcome.probabilities[number].argmax())
    sure, label = outcome.probabilities[number, taken], int(mnist.test_labels[number])
    grey = np.repeat(mnist.test[number][..., None], 3, axis=2)
    caption = f"{label} taken for {taken}, {sure:.0%} sure"
    return html.picture(encode_rgb(grey), f"test digit {number}: {caption}", caption)


def _label_counts(mnist: Mnist) -> Figure:
    figure = Figure(figsize=(8, 3), layout="constrained")
    axes = figure.subplots()
    for shift, (name, labels) in zip(
        (-0.2, 0.2), (("train", mnist.train_labels), ("test", mnist.test_labels)), strict=True
    ):
        axes.bar(np.arange(10) + shift, np.bincount(labels, minlength=10), 0.38, label=name)
    axes.set(xticks=_LABELS, xlabel="label", ylabel="digits")
    axes.legend()
    return figure


def _augmented(config: DigitsConfig, mnist: Mnist) -> Figure:
    augment = augmentation(config)
    figure = Figure(figsize=(8, 5.2), layout="constrained")
    grid: Any = figure.subplots(5, 8)
    for line, digit in zip(grid, mnist.train[:5], strict=True):
        for index, axes in enumerate(line):
            planes = digit[None, ..., None].astype(np.float32)
            shown = augment(planes, training=True) if index else planes
            axes.imshow(np.asarray(shown)[0, ..., 0], cmap="gray", vmin=0, vmax=255)
            axes.axis("off")
    grid[0, 0].set_title("original", fontsize=9)
    return figure


def _curves(curves: dict[str, list[float]]) -> Figure:
    figure = Figure(figsize=(8, 3), layout="constrained")
    for axes, curve in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        epochs = range(1, len(curves[curve]) + 1)
        axes.plot(epochs, curves[curve], marker=".", label="training (augmented)")
        axes.plot(epochs, curves[f"val_{curve}"], marker=".", label="held out")
        axes.set(title=curve, xlabel="epoch")
        axes.grid(alpha=0.3)
    axes.legend()
    return figure


def _confusion(outcome: Outcome, labels: Digits) -> Figure:
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (labels, outcome.probabilities.argmax(axis=1)), 1)
    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    axes = figure.subplots()
    wrong = np.where(np.eye(10, dtype=bool), 0, counts)
    axes.imshow(wrong, cmap="Oranges")
    for label, taken in np.ndindex(10, 10):
        axes.text(taken, label, str(counts[label, taken]), ha="center", va="center", fontsize=9)
    axes.set(xticks=_LABELS, yticks=_LABELS, xlabel="taken for", ylabel="is")
    return figure
