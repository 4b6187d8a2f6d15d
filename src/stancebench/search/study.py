"""A study in a journal file that several processes add trials to."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import optuna
from filelock import FileLock, Timeout
from optuna.distributions import BaseDistribution
from optuna.storages.journal import JournalFileBackend, JournalStorage
from optuna.trial import FrozenTrial, Trial, TrialState

#: What a trial carries beside its values: the process that runs it, and how it failed.
_WORKER, _ERROR = "worker", "error"


class SharedStudy:
    """Trials over a space, shared by every process that opens the same journal.

    A process holds a file lock as long as it lives, and each of its trials names that file: a trial
    that runs while nobody holds the lock was killed. The journal's own lock is one that the system
    frees, too, and it is held while a trial is handed out, so that no two processes take the last one.

    Parameters
    ----------
    journal : Path
        The file; it is made where it is missing.
    distributions : mapping of str to distribution
        What is searched.
    seed : int
        With a trial's number it seeds what is drawn for it: the trials of a search that one process
        runs are the same, whether or not it was interrupted between them.
    """

    def __init__(self, journal: Path, distributions: Mapping[str, BaseDistribution], seed: int) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        journal.parent.mkdir(parents=True, exist_ok=True)
        self.journal, self.distributions, self.seed = journal, dict(distributions), seed
        self.failures = 0
        self._worker = journal.with_name(f".{journal.stem}.{os.getpid()}-{time.time_ns()}.worker")
        self._lock = FileLock(f"{journal}.lock")
        backend = JournalFileBackend(str(journal), lock_obj=self._lock)  # asked for acquire and release
        with self._lock:
            self._study = optuna.create_study(
                storage=JournalStorage(backend),
                study_name=journal.stem,
                direction="maximize",
                load_if_exists=True,
            )

    @contextmanager
    def working(self) -> Iterator[SharedStudy]:
        """Hold the lock by which other processes know that this one lives."""
        with FileLock(self._worker):
            try:
                yield self
            finally:
                self._worker.unlink(missing_ok=True)

    def claim(self, budget: int) -> Trial | None:
        """Return a new trial with its values drawn, or ``None`` where nothing is left of the budget.

        Completed trials count, those that run now, and those that failed in this process.
        """
        with self._lock:
            running = self._running_or_failed()
            if len(self.completed()) + len(running) + self.failures >= budget:
                return None
            number = len(self._study.get_trials(deepcopy=False))
            draw = np.random.SeedSequence([self.seed, number]).generate_state(1)
            self._study.sampler = optuna.samplers.TPESampler(seed=int(draw[0]))
            trial = self._study.ask(self.distributions)
            trial.set_user_attr(_WORKER, self._worker.name)
            return trial

    def complete(self, trial: Trial, score: float) -> None:
        """Record a trial's score."""
        self._study.tell(trial, score)

    def fail(self, trial: Trial, fault: BaseException) -> None:
        """Record that a trial raised."""
        self.failures += 1
        trial.set_user_attr(_ERROR, f"{type(fault).__name__}: {fault}")
        self._study.tell(trial, state=TrialState.FAIL)

    def completed(self) -> list[FrozenTrial]:
        """Return the trials with a score."""
        return list(self._study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)))

    def running(self) -> list[FrozenTrial]:
        """Return the trials that a living process runs."""
        with self._lock:
            return self._running_or_failed()

    def best(self) -> FrozenTrial:
        """Return the trial with the highest score, the first of them."""
        return self._study.best_trial

    def errors(self) -> list[str]:
        """Return what the failed trials raised, each message once."""
        failed = self._study.get_trials(deepcopy=False, states=(TrialState.FAIL,))
        return list(dict.fromkeys(t.user_attrs[_ERROR] for t in failed if _ERROR in t.user_attrs))

    def _running_or_failed(self) -> list[FrozenTrial]:
        """Return the trials that a living process runs; those of dead ones are recorded as failed."""
        alive = []
        for trial in self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            if self._is_alive(trial):
                alive.append(trial)
            else:
                self._study.tell(trial.number, state=TrialState.FAIL)
        return alive

    def _is_alive(self, trial: FrozenTrial) -> bool:
        name = trial.user_attrs.get(_WORKER)
        worker = self.journal.with_name(name) if name else None
        if worker is None or not worker.is_file():
            return False
        try:
            with FileLock(worker, timeout=0):
                worker.unlink()
                return False
        except Timeout:
            return True
