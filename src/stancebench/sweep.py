"""The Hydra application behind ``train.py``: single runs and sweeps."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import hydra
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

from stancebench.errors import UserError
from stancebench.paths import project_root


def main() -> None:
    """Run ``train.py``; exit with 1 after a message where a run could not be done."""
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")  # faults reach the handler below whole
    try:
        folder = str(project_root() / "conf")
        hydra.main(version_base="1.3", config_path=folder, config_name="train")(_run_one)()
    except UserError as fault:
        sys.exit(f"train.py: {fault}")
    except Exception as fault:
        if type(fault).__module__.startswith(("hydra.", "omegaconf.")):
            sys.exit(f"train.py: {fault}\n→ see `python train.py --help`")
        sys.exit(f"train.py: {type(fault).__name__}: {fault}\n→ the traceback is in failure.json")


def _run_one(composed: DictConfig) -> None:
    from stancebench.run import execute, say

    try:
        execute(_plain(composed))
    except Exception as fault:
        if _in_a_sweep():  # Hydra goes on with the rest, and raises at the end
            say(f"failed: {fault}")
        raise


def _plain(composed: DictConfig) -> dict[str, Any]:
    content: Any = OmegaConf.to_container(composed, resolve=True, throw_on_missing=True)
    return {key: value for key, value in content.items() if key != "hydra"}


def _in_a_sweep() -> bool:
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode

    return bool(HydraConfig.get().mode == RunMode.MULTIRUN)


class Announce(Callback):  # type: ignore[misc]
    """Before a sweep, check every configuration and say what will be run and what skipped."""

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Plan all jobs.

        Raises
        ------
        UserError
            Where a configuration does not hold: no job has started then.
        """
        from hydra import compose
        from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
        from hydra.core.override_parser.overrides_parser import OverridesParser

        from stancebench.run import plan, say

        swept = [f"{key}={value}" for key, value in (config.hydra.sweeper.params or {}).items()]
        overrides = [*swept, *config.hydra.overrides.task]
        parsed = OverridesParser.create().parse_overrides(overrides)
        (jobs,) = BasicSweeper.split_arguments(parsed, max_batch_size=None)
        plans = [plan(_plain(compose("train", overrides=list(job)))) for job in jobs]
        to_run = [planned for planned in plans if planned.action == "run"]
        say(f"{len(plans)} runs: {len(to_run)} to run, {len(plans) - len(to_run)} to skip")
        for planned in plans:
            say(f"  {planned.action:<12} {planned.title}  {planned.folder}")
        Path(config.runs).mkdir(parents=True, exist_ok=True)
