"""Search the hyper-parameters of a model on the validation part: ``stancebench search``."""

from stancebench.model.extras import require_extra

require_extra("optuna", "search")  # before the module below imports it

from stancebench.search.command import main, search  # noqa: E402

__all__ = ["main", "search"]
