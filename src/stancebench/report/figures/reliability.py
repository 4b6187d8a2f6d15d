"""reliability: whether probabilities hold, as given and with a temperature fitted on validation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stancebench.evaluate.calibration import ReliabilityBin, calibrate, reliability
from stancebench.evaluate.metrics import METRICS
from stancebench.evaluate.sample import PROBABILITIES, Columns
from stancebench.evaluate.scores import POOLED, samples_by_group
from stancebench.predictions import Predictions
from stancebench.report.figures.canvas import COLOURS, COLUMN, MUTED, PAGE, Figure, draw, short, wrapped
from stancebench.report.figures.models import DrawnModel, best_of, how_many

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

MOST_MODELS = 8
_IN_A_ROW = 4


class Reliability(NamedTuple):
    """The bins of all repeats together, and the calibration error, the mean over repeats."""

    bins: list[ReliabilityBin]
    error: float


class Scaled(NamedTuple):
    """Test predictions whose probabilities are rescaled, and the mean temperature over repeats and folds."""

    tests: list[Columns]
    temperature: float


class Calibration(NamedTuple):
    """A model's reliability as it is and rescaled; without a validation part only as it is."""

    raw: Reliability
    scaled: Reliability | None
    temperature: float


def draw_reliability(models: Sequence[DrawnModel]) -> list[Figure]:
    """Return the reliability diagrams of the best models; nothing where none gives probabilities."""
    giving = [model for model in models if model.has_probabilities]
    if not giving:
        return []
    shown = best_of(giving, MOST_MODELS)
    found = {model.label: calibration_of(model) for model in shown}
    rows, across = -(-len(shown) // _IN_A_ROW), min(len(shown), _IN_A_ROW)

    def paint(drawing: Drawing) -> None:
        panels = drawing.subplots(rows, across, squeeze=False, sharex=True, sharey=True)
        for panel, (label, calibration) in zip(panels.flat, found.items(), strict=False):
            _paint_calibration(panel, calibration)
            panel.set_title(wrapped(short(label)))
        for panel in panels.flat[len(shown) :]:
            panel.set_visible(False)
        drawing.supxlabel("confidence")
        drawing.supylabel("accuracy")

    caption = (
        "Accuracy by confidence on the test part, in bins of equally many predictions, seeds together; on"
        " the diagonal, confidence is what it says. Filled: probabilities as given; open: with a"
        " temperature T fitted on the validation part alone, where there is one. ECE: the mean gap, over"
        f" seeds. {how_many(shown, models)}"
    )
    size = (PAGE if across > 2 else COLUMN, 0.4 + 1.75 * rows)
    return [draw("reliability", caption, _description(found), size, paint)]


def calibration_of(model: DrawnModel) -> Calibration:
    """Return a model's reliability on the test part."""
    raw, scaled = reliability_of(model.tests), scaled_by_validation(model.repeats)
    if scaled is None:
        return Calibration(raw, None, np.nan)
    return Calibration(raw, reliability_of(scaled.tests), scaled.temperature)


def reliability_of(tests: Sequence[Columns]) -> Reliability:
    """Return the reliability of the test predictions of each repeat."""
    names = ("gold", "predicted", *PROBABILITIES)
    together = {name: np.concatenate([test[name] for test in tests]) for name in names}
    error = METRICS["calibration_error"].statistic
    samples = samples_by_group(tests)[POOLED]
    errors = [float(error(sample)(np.ones(sample.documents))) for sample in samples]
    return Reliability(reliability(together), float(np.mean(errors)))


def scaled_by_validation(repeats: Sequence[Predictions]) -> Scaled | None:
    """Return test predictions rescaled by temperatures of each fold's validation part.

    ``None`` where a fold has none, or no probabilities there.
    """
    if not all(_can_be_fitted(fold) for repeat in repeats for fold in repeat.by_fold().values()):
        return None
    tests, temperatures = list[Columns](), list[float]()
    for repeat in repeats:
        found = calibrate(repeat.columns)
        rescaled = dict(zip(PROBABILITIES, found.probabilities.T, strict=True))
        tests.append(Predictions({**repeat.columns, **rescaled}).part("test").columns)
        temperatures += found.temperatures.values()
    return Scaled(tests, float(np.mean(temperatures)))


def _can_be_fitted(fold: Predictions) -> bool:
    return bool(np.isfinite(fold.part("validation").columns[PROBABILITIES[0]]).any())


def _paint_calibration(panel: Any, calibration: Calibration) -> None:
    panel.plot([0, 1], [0, 1], color=MUTED, linewidth=0.7, linestyle=":")
    notes = [f"● ECE {calibration.raw.error:.3f}"]
    if calibration.scaled:
        notes.append(f"□ ECE {calibration.scaled.error:.3f}\n(T = {calibration.temperature:.2f})")
        _paint_bins(
            panel, calibration.scaled, COLOURS[1], markerfacecolor="white", marker="s", linestyle="--"
        )
    _paint_bins(panel, calibration.raw, COLOURS[0], marker="o")
    panel.text(0.98, 0.03, "\n".join(notes), ha="right", va="bottom", fontsize=7)
    panel.set(xlim=(0, 1), ylim=(0, 1), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1), aspect="equal")
    panel.tick_params(labelbottom=True)


def _paint_bins(panel: Any, found: Reliability, colour: str, **style: Any) -> None:
    confidences, accuracies = [b.confidence for b in found.bins], [b.accuracy for b in found.bins]
    panel.plot(confidences, accuracies, color=colour, markersize=3, linewidth=0.8, clip_on=False, **style)


def _description(found: dict[str, Calibration]) -> str:
    parts = []
    for label, calibration in found.items():
        part = f"{label}: calibration error {calibration.raw.error:.3f}"
        if calibration.scaled:
            part += f", {calibration.scaled.error:.3f} with temperature {calibration.temperature:.2f}"
        bins = ", ".join(f"{b.confidence:.2f} {b.accuracy:.2f}" for b in calibration.raw.bins)
        parts.append(f"{part}; mean confidence and accuracy of its bins: {bins}.")
    return "Reliability on the test part. " + " ".join(parts)
