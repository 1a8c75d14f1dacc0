"""A method's folder of predictions: which models wrote it, and what of a patient is there."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from analysis.cohort.atomic import write_bytes_atomically
from training.models import Model
from training.prediction import PredictionOptions
from training.result_folders import ModelError

RECORD = "predicted_by.json"


def claim_folder(
    folder: Path, models: Sequence[Model], options: PredictionOptions, *, ensemble: bool
) -> None:
    """Note which models predict into a folder, so that a method is never a mixture.

    Raises:
        ModelError: it holds label maps of other models, or of nobody knows whom.
    """
    record = {
        "models": sorted((model.name, _digest(model)) for model in models),
        "mirror": options.mirror,
        "ensemble": ensemble,
    }
    content = json.dumps(record, indent=1).encode()
    path = folder / RECORD
    if path.is_file():
        before: dict[str, Any] = json.loads(path.read_bytes())
        different = [name for name, value in json.loads(content).items() if before.get(name) != value]
        if different:
            what = "by other models" if "models" in different else f"with another choice of {different[0]}"
            raise ModelError(
                f"{folder} was predicted {what} ({RECORD}): choose another --method, or delete the folder"
            )
    elif any(folder.glob("*.nii.gz")):
        raise ModelError(
            f"{folder} holds label maps that glioscope predict did not write ({RECORD} is missing): choose "
            "another --method"
        )
    else:
        write_bytes_atomically(path, content)


def is_predicted(folder: Path, patient: str, model: Model, options: PredictionOptions) -> bool:
    """Whether a patient's label map is there, and beside it all that is asked for."""
    wanted = [folder / f"{patient}.nii.gz"]
    if options.probabilities:
        wanted.append(folder / f"{patient}.npz")
    volumes = [f"{kind}-variance" for kind in options.uncertainties]
    if options.responses:
        volumes += [f"{model.response}{name}" for name in model.label_names]
    wanted += [folder / "responses" / patient / f"{patient}-{name}.nii.gz" for name in volumes]
    return all(path.is_file() for path in wanted)


def _digest(model: Model) -> str:
    """Fingerprint a model's weights."""
    found = hashlib.sha256()
    for name, value in sorted(model.network.state_dict().items()):
        found.update(name.encode())
        found.update(value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return found.hexdigest()[:16]
