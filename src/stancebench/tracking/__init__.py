"""Report runs to an experiment tracker; every number is in the run's folder all the same."""

from stancebench.tracking.figures import scores_and_costs
from stancebench.tracking.guard import Guard
from stancebench.tracking.trackers import require_tracker, tracked

__all__ = ["Guard", "require_tracker", "scores_and_costs", "tracked"]
