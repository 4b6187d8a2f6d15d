"""Every metric, declared once: its name, what it means, which way is better, where it comes from."""

from __future__ import annotations

from math import log

import numpy as np

from stancebench.evaluate import counts, pairs
from stancebench.evaluate import probabilities as probability
from stancebench.evaluate.counts import confusion, macro_f1
from stancebench.evaluate.intervals import Sums
from stancebench.evaluate.metric import Metric, mean, of_counts, of_label
from stancebench.evaluate.sample import PROBABILITIES, SHARES, Sample
from stancebench.types import LABELS

__all__ = ["METRICS", "Metric", "confusion", "macro_f1"]

_PREDICTED = ("gold", "predicted")
_PAIR = (*_PREDICTED, pairs.ORIGINAL_GOLD, pairs.ORIGINAL_PREDICTED)
_LARGEST_LOSS = -log(probability.CLIP)
_MISS = "a miss of its gold label and a hit of none"
_WRONG = "wrong"
_UNIFORM = "as the uniform distribution"
_CONTRAST = "Gardner et al. 2020, Evaluating Models' Local Decision Boundaries via Contrast Sets"


def _right(sample: Sample) -> np.ndarray:
    return np.asarray(sample.predicted == sample.gold)


def _confidences(sample: Sample) -> np.ndarray:
    return probability.confidences(sample.predicted, sample.probabilities)


def _soft_losses(sample: Sample) -> np.ndarray:
    return probability.soft_losses(sample.shares, sample.probabilities)


def _calibration(sample: Sample) -> Sums:
    terms = probability.calibration_terms(_right(sample), _confidences(sample))
    return Sums(sample.summed(terms), probability.calibration_error)


def _risk_coverage(sample: Sample) -> probability.RiskCoverage:
    return probability.RiskCoverage(_right(sample), _confidences(sample), sample.document)


def _label_metrics(label: str) -> list[Metric]:
    """Return precision, recall and F1 of one label."""
    figures = {
        "precision": (counts.precision, f"share of the {label} predictions whose gold label is {label}"),
        "recall": (counts.recall, f"share of the {label} gold labels that are predicted {label}"),
        "f1": (counts.f1, f"harmonic mean of precision and recall of {label}"),
    }
    return [
        Metric(
            name=f"{name}_{label}",
            title=f"{'F1' if name == 'f1' else name} of {label}",
            definition=f"The {definition}; 0 where there is none.",
            better="higher",
            range=(0, 1),
            source="van Rijsbergen 1979, Information Retrieval, chapter 7",
            unscored=_MISS,
            needs=_PREDICTED,
            statistic=of_counts(of_label(figure, label)),
            rests_on=lambda sample: sample.gold == LABELS.index(label),
        )
        for name, (figure, definition) in figures.items()
    ]


_LABELS_TOGETHER = [
    Metric(
        name="macro_f1",
        title="macro-F1",
        definition="The mean F1 of against, none and favor; an absent label counts as 0.",
        better="higher",
        range=(0, 1),
        source="Opitz and Burst 2019, Macro F1 and Macro F1 (the mean of F1 scores)",
        unscored=_MISS,
        needs=_PREDICTED,
        statistic=of_counts(counts.macro_f1),
    ),
    Metric(
        name="f_avg",
        title="F_avg",
        definition="The mean F1 of favor and against; none counts only as an error of these two.",
        better="higher",
        range=(0, 1),
        source="Mohammad et al. 2016, SemEval-2016 Task 6: Detecting Stance in Tweets",
        unscored=_MISS,
        needs=_PREDICTED,
        statistic=of_counts(counts.f_avg),
    ),
    Metric(
        name="accuracy",
        title="accuracy",
        definition="The share of right predictions.",
        better="higher",
        range=(0, 1),
        source="scikit-learn, accuracy_score",
        unscored=_WRONG,
        needs=_PREDICTED,
        statistic=of_counts(counts.accuracy),
    ),
    Metric(
        name="balanced_accuracy",
        title="balanced accuracy",
        definition="The mean recall of against, none and favor; a label that gold lacks counts as 0.",
        better="higher",
        range=(0, 1),
        source="Brodersen et al. 2010, The Balanced Accuracy and Its Posterior Distribution",
        unscored=_MISS,
        needs=_PREDICTED,
        statistic=of_counts(counts.balanced_accuracy),
    ),
    Metric(
        name="mcc",
        title="MCC",
        definition="The Matthews correlation of gold and predicted labels; 0 is what the margins give.",
        better="higher",
        range=(-1, 1),
        source="Gorodkin 2004, Comparing two K-category assignments by a K-category correlation coefficient",
        unscored="a class of its own that gold never has",
        needs=_PREDICTED,
        statistic=of_counts(counts.mcc),
    ),
]
_OF_PROBABILITIES = [
    Metric(
        name="log_loss",
        title="log loss",
        definition="The mean of minus the natural logarithm of the gold label's probability.",
        better="lower",
        range=(0, _LARGEST_LOSS),
        source="Good 1952, Rational Decisions",
        unscored=_UNIFORM,
        needs=("gold", *PROBABILITIES),
        statistic=mean(lambda sample: probability.log_losses(sample.gold, sample.probabilities)),
    ),
    Metric(
        name="soft_cross_entropy",
        title="soft cross-entropy",
        definition="The mean cross-entropy of the raw judgements' vote shares and the probabilities.",
        better="lower",
        range=(0, _LARGEST_LOSS),
        source="Peterson et al. 2019, Human Uncertainty Makes Classification More Robust",
        unscored=_UNIFORM,
        needs=(*SHARES, *PROBABILITIES),
        statistic=mean(_soft_losses),
        rests_on=lambda sample: np.isfinite(_soft_losses(sample)),
    ),
    Metric(
        name="brier",
        title="Brier score",
        definition="The mean squared distance of probabilities and gold label, summed over labels.",
        better="lower",
        range=(0, 2),
        source="Brier 1950, Verification of Forecasts Expressed in Terms of Probability",
        unscored=_UNIFORM,
        needs=("gold", *PROBABILITIES),
        statistic=mean(lambda sample: probability.brier_losses(sample.gold, sample.probabilities)),
    ),
    Metric(
        name="calibration_error",
        title="calibration error",
        definition="The mean gap of confidence and accuracy over 15 bins of equally many predictions.",
        better="lower",
        range=(0, 1),
        source="Naeini et al. 2015, Obtaining Well Calibrated Probabilities Using Bayesian Binning; "
        "bins: Nixon et al. 2019, Measuring Calibration in Deep Learning",
        unscored="left out: nothing was claimed",
        needs=(*_PREDICTED, *PROBABILITIES),
        statistic=_calibration,
        rests_on=lambda sample: np.isfinite(_confidences(sample)),
        resampled=False,  # resamples repeat its bias: their interval never holds a calibrated model's 0
    ),
    Metric(
        name="aurc",
        title="AURC",
        definition="The mean error rate among the most confident predictions, over all numbers of them.",
        better="lower",
        range=(0, 1),
        source="Geifman et al. 2019, Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers",
        unscored="answered last, and wrong",
        needs=(*_PREDICTED, *PROBABILITIES),
        statistic=_risk_coverage,
    ),
]
_OF_PAIRS = [
    Metric(
        name="consistency",
        title="consistency",
        definition="The share of pairs whose original and edit are both predicted right.",
        better="higher",
        range=(0, 1),
        source=_CONTRAST,
        unscored=_WRONG,
        needs=_PAIR,
        statistic=mean(pairs.both_right),
    ),
    Metric(
        name="flip_rate",
        title="flip rate",
        definition="The share of contrast pairs, whose gold label changes, whose predicted one does.",
        better="higher",
        range=(0, 1),
        source=f"the pairs: {_CONTRAST}",
        unscored="no flip",
        needs=_PAIR,
        statistic=mean(pairs.flipped),
    ),
    Metric(
        name="perturbed_flip_rate",
        title="flip rate, perturbed",
        definition="The share of perturbed pairs, whose gold label stays, whose predicted one changes.",
        better="lower",
        range=(0, 1),
        source="Ribeiro et al. 2020, Beyond Accuracy: Behavioral Testing of NLP Models with CheckList",
        unscored="a flip",
        needs=_PAIR,
        statistic=mean(pairs.flipped_or_unscored),
    ),
]

#: Every metric by the name under which it is stored.
METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in [
        *_LABELS_TOGETHER,
        *(metric for label in LABELS for metric in _label_metrics(label)),
        *_OF_PROBABILITIES,
        *_OF_PAIRS,
    ]
}
