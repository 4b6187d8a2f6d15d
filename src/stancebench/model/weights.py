"""Find a pretrained model: a local folder, a Python package that carries it, the Hub."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

from stancebench.errors import UserError

#: Seconds to wait for the Hub's first answer.
HUB_TIMEOUT = 5.0
#: What is downloaded beside the weights: configuration, vocabulary, merges, the chat template.
_WANTED = ["*.json", "*.txt", "*.model", "*.bpe", "*.codes", "*.jinja"]
_SAFETENSORS = ["model.safetensors", "model-*.safetensors"]
#: Older repositories have no other; read without running code (``torch.load(weights_only=True)``).
_TORCH = ["pytorch_model.bin", "pytorch_model-*.bin"]


def find_weights(path: str, revision: str | None, package: str | None, sha256: str | None) -> Path:
    """Return a folder with configuration, tokenizer and weights.

    Parameters
    ----------
    path : str
        A local folder, else a repository id on the Hub.
    revision : str, optional
        Commit of the repository.
    package : str, optional
        Installed package that carries the same files under ``model/``; preferred to the Hub.
    sha256 : str, optional
        What ``model.safetensors`` must hash to, unless `path` is a local folder of the user's.

    Raises
    ------
    UserError
        Where the weights are not to be had, with the ways on, or are not the ones expected.
    """
    if Path(path).is_dir() or path.startswith((".", "/", "~")):
        return _local(Path(path).expanduser())
    folder = _packaged(package) or _cached(path, revision) or _downloaded(path, revision)
    weights = folder / "model.safetensors"
    if sha256 and weights.is_file() and (found := sha256_of_file(weights)) != sha256:
        raise UserError(
            f"{weights}: sha256 {found}, expected {sha256}",
            hint="the download is damaged or another version: delete it and try again",
        )
    return folder


def sha256_of_file(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def identify_weights(path: str, revision: str | None, sha256: str | None) -> str:
    """Return what tells these weights from others: their hash, or repository and revision.

    The same weights from a package and from the Hub are the same; a local folder is its content.
    """
    folder = Path(path).expanduser()
    if folder.is_dir():
        digest = hashlib.sha256()
        for file in sorted(f for f in folder.iterdir() if f.is_file()):
            digest.update(f"{file.name} {sha256_of_file(file)}\n".encode())
        return digest.hexdigest()
    return sha256 or f"{path}@{revision or 'main'}"


def _local(folder: Path) -> Path:
    if not (folder / "config.json").is_file():
        raise UserError(
            f"model.path: {folder} holds no model (config.json is missing)",
            hint="give a folder that `save_pretrained` wrote",
        )
    return folder


def _packaged(package: str | None) -> Path | None:
    found = importlib.util.find_spec(package) if package else None
    return Path(found.origin).parent / "model" if found and found.origin else None


def _cached(repository: str, revision: str | None) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    # The client takes a snapshot for incomplete that lacks what was never asked for.
    wanted = _WANTED + _SAFETENSORS
    try:
        folder = Path(
            snapshot_download(repository, revision=revision, local_files_only=True, allow_patterns=wanted)
        )
    except LocalEntryNotFoundError:
        return None
    weights = [*folder.glob("*.safetensors"), *folder.glob("pytorch_model*.bin")]
    return folder if weights and (folder / "config.json").is_file() else None


def _downloaded(repository: str, revision: str | None) -> Path:
    from huggingface_hub import HfApi, snapshot_download

    try:
        found = HfApi().model_info(repository, revision=revision, timeout=HUB_TIMEOUT)
        has_safetensors = any(file.rfilename.endswith(".safetensors") for file in found.siblings or ())
        wanted = _WANTED + (_SAFETENSORS if has_safetensors else _TORCH)
        return Path(snapshot_download(repository, revision=found.sha, allow_patterns=wanted))
    except Exception as fault:  # whatever the client's transport raises: the ways on are the same
        name = f"{repository} at revision {revision}" if revision else repository
        raise UserError(
            f"the weights of {name} are not in the cache and cannot be downloaded"
            f" ({type(fault).__name__}: {str(fault).splitlines()[0][:120]})",
            [
                f"fill the cache on a machine with a network: hf download {repository}, and copy"
                " the folder that HF_HOME names",
                "point to a local copy: model.path=FOLDER",
                "take the model that needs no download: model=minilm (pip install '.[minilm]')",
            ],
            hint="one of these three ways",
        ) from None
