"""A tracker that is down, raises or hangs must not cost a run: it is dropped with one warning."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from stancebench.tracking.interface import Status, Tracker

#: Seconds that one call may take. On a busy machine the first one, which imports the tracker and may
#: make its database, was seen to take 30.
PATIENCE = 120.0


class Guard:
    """Passes calls on to a tracker until the first that fails, and then to nobody.

    Parameters
    ----------
    tracker : Tracker or None
        ``None`` where there is nobody to pass calls on to.
    warn : callable
        Told in one line why the tracker is dropped.
    patience : float
        Seconds after which a call counts as failed. It is left behind in its thread.
    """

    def __init__(
        self, tracker: Tracker | None, warn: Callable[[str], None], patience: float = PATIENCE
    ) -> None:
        self._tracker, self._warn, self._patience = tracker, warn, patience

    def start(self, name: str, group: str, config: Mapping[str, Any], folder: Path) -> None:
        """See `Tracker.start`."""
        self._call(lambda tracker: tracker.start(name, group, config, folder))

    def log(self, values: Mapping[str, float], step: int | None = None) -> None:
        """See `Tracker.log`."""
        self._call(lambda tracker: tracker.log(values, step))

    def finish(self, status: Status) -> None:
        """See `Tracker.finish`."""
        self._call(lambda tracker: tracker.finish(status))

    def _call(self, call: Callable[[Tracker], None]) -> None:
        tracker, faults = self._tracker, []
        if tracker is None:
            return

        def work() -> None:
            try:
                call(tracker)
            except BaseException as fault:  # also SystemExit, by which a tracker could end the run
                faults.append(fault)

        thread = threading.Thread(target=work, daemon=True)  # which a process does not wait for
        thread.start()
        thread.join(self._patience)
        if thread.is_alive():
            faults.append(TimeoutError(f"no answer within {self._patience:g} s"))
        if faults:
            self._tracker = None
            self._warn(f"dropped, the run goes on without it: {in_one_line(faults[0])}")


def in_one_line(fault: BaseException) -> str:
    r"""Return an error as one line, without the password that an address in it may hold.

    Examples
    --------
    >>> in_one_line(OSError("http://me:secret@host is down,\nsorry"))
    'OSError: http://…@host is down, sorry'
    """
    text = re.sub(r"//[^/\s]*@", "//…@", " ".join(str(fault).split()))
    return f"{type(fault).__name__}: {text[:300]}"
