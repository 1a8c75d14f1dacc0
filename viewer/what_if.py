"""A trial carried out on one case: the label map it gives, its scores beside the study's, its ledger."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.cohort.label_map import LabelMap, Labels
from analysis.cohort.study import Study
from analysis.counterfactual import flips
from analysis.ledger import component_rows
from analysis.volumes import CroppedMap
from analysis.what_if import Judged, Known, Scores, judged, scored
from meshing.memory import Memory
from viewer.case_volumes import CaseVolumes, case_volumes
from viewer.ledger import row_id
from viewer.open_study import NotInStudyError, Reading
from viewer.trial import Trial, study_trial, tried
from viewer.view_state import ViewState

_CASES, _TRIALS, _SCORES = 4, 12, 64


@dataclass(frozen=True, eq=False)
class WhatIf:
    """What a trial makes of a case. The ledger is made when it is first asked for: the scores come sooner.

    Attributes:
        trial: the rule and the turned verdicts.
        study: whose roles and labels.
        volumes: the case.
        verdicts: the changed consensus, and what is kept of the filtered method.
        before: scores of the study's consensus.
        after: scores of the changed one.
        lacking: turned components that the case does not have, as label and number.
    """

    trial: Trial
    study: Study
    volumes: CaseVolumes
    verdicts: Judged
    before: Scores
    after: Scores
    lacking: tuple[tuple[str, int], ...]

    @property
    def labels(self) -> Labels:
        """(x, y, z) uint8 inside the case's box: the changed consensus."""
        return self.verdicts.labels

    @cached_property
    def components(self) -> pd.DataFrame:
        """Ledger rows of the filtered method and of the changed consensus, without patient."""
        return _components(self.study, self.volumes, self.trial, self.verdicts)

    @cached_property
    def changes(self) -> Mapping[str, float]:
        """Row id to the change of the Dice average if that one verdict were turned round now."""
        return _changes(self.study, self.volumes, self.trial, self.labels)


class WhatIfs:
    """Carries out trials, and remembers the last few."""

    def __init__(self) -> None:
        self._cases: Memory[CaseVolumes] = Memory(_CASES)
        self._scored: Memory[Scores] = Memory(_SCORES)
        self._trials: Memory[WhatIf] = Memory(_TRIALS)

    def volumes(self, reading: Reading, patient: str) -> CaseVolumes:
        """Take the volumes of a case; see `case_volumes` for what is raised."""
        return case_volumes(reading, patient, self._cases)

    def of(self, reading: Reading, patient: str, view: ViewState) -> WhatIf | None:
        """Carry out what an address tries; None where it tries nothing, or the roles are vacant.

        Raises:
            NotInStudyError: if a method that the trial needs has no volume of the patient.
            NiftiError: if a file can't be read.
            ValueError: if the files do not lie on one grid.
        """
        trial, default = tried(reading.study, view), study_trial(reading.study)
        if trial is None or default is None or trial == default:
            return None
        return self.carried_out(reading, patient, trial, default)

    def carried_out(self, reading: Reading, patient: str, trial: Trial, default: Trial) -> WhatIf:
        """Carry out a trial on a case, beside the study's own; raises as `of`."""
        volumes = self.volumes(reading, patient)
        return self._trials.take(
            (volumes.key, trial, default), lambda: self._made(reading.study, volumes, trial, default)
        )

    def _made(self, study: Study, volumes: CaseVolumes, trial: Trial, default: Trial) -> WhatIf:
        verdicts, lacking = _judge(volumes, trial)
        own = _study_labels(study, volumes, default)
        before = self._scores(volumes, own)
        after = self._scores(volumes, verdicts.labels, Known(own, before))
        return WhatIf(trial, study, volumes, verdicts, before, after, lacking)

    def _scores(self, volumes: CaseVolumes, labels: Labels, beside: Known | None = None) -> Scores:
        """Score labels, or remember it: most steps of a slider change no voxel, and none all regions."""
        digest = hashlib.sha256(labels.tobytes(order="F")).digest()
        return self._scored.take(
            (volumes.key, digest),
            lambda: scored(volumes.reference, labels, outside_voxels=volumes.outside_voxels, beside=beside),
        )

    def label_map(self, reading: Reading, patient: str, view: ViewState) -> LabelMap | None:
        """Give the changed consensus on the grid of the files; None and raises as `of`."""
        found = self.of(reading, patient, view)
        return None if found is None else self.volumes(reading, patient).on_grid(found.labels)


def with_trial(components: pd.DataFrame | None, found: WhatIf | None, study: Study) -> pd.DataFrame | None:
    """Put a trial's rows in the place of the ledger's own.

    Verdicts on methods that the trial does not judge are left out, for no rule judges them now.
    """
    consensus = study.with_role("consensus")
    if components is None or found is None or consensus is None:
        return components
    replaced = components["method"].isin([found.trial.filtered, consensus.name])
    others = components[~replaced].assign(verdict=None, outcome=None)
    order = {name: place for place, name in enumerate(components["method"].unique())}
    new = found.components.assign(patient=components["patient"].iloc[0] if len(components) else "")
    both = pd.concat([others.astype(object), new.astype(object)], ignore_index=True)[list(components.columns)]
    return both.sort_values("method", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def _study_labels(study: Study, volumes: CaseVolumes, default: Trial) -> Labels:
    """Take the study's consensus: the file there is, else what its rule gives."""
    consensus = study.with_role("consensus")
    own = None if consensus is None else volumes.maps.get(consensus.name)
    return _judge(volumes, default)[0].labels if own is None else own.labels


def _judge(volumes: CaseVolumes, trial: Trial) -> tuple[Judged, tuple[tuple[str, int], ...]]:
    filtered, veto = _volume(volumes, trial.filtered), _volume(volumes, trial.veto)
    turned, lacking = _turned(filtered, trial)
    return judged(filtered, veto, trial.rule, turned), lacking


def _volume(volumes: CaseVolumes, method: str) -> CroppedMap:
    if method not in volumes.maps:
        raise NotInStudyError(f"{method} has no volume of {volumes.patient}.")
    return volumes.maps[method]


def _turned(filtered: CroppedMap, trial: Trial) -> tuple[npt.NDArray[np.bool_], tuple[tuple[str, int], ...]]:
    """(n,) which components are turned round, and those that the case lacks."""
    table, names = filtered.components.table, filtered.scheme.names
    rows = {
        (names.get(int(label), ""), int(number)): row
        for row, (label, number) in enumerate(zip(table.labels, table.numbers, strict=True))
    }
    turned = np.zeros(len(table.labels), bool)
    turned[[rows[flip] for flip in trial.flips if flip in rows]] = True
    return turned, tuple(flip for flip in trial.flips if flip not in rows)


def _components(study: Study, volumes: CaseVolumes, trial: Trial, verdicts: Judged) -> pd.DataFrame:
    baseline, consensus = study.with_role("baseline"), study.with_role("consensus")
    confirming = None if baseline is None else volumes.maps.get(baseline.name)
    changed = CroppedMap(verdicts.labels, volumes.affine, study.scheme)
    parts = []
    for method, volume, kept in (
        (trial.filtered, volumes.maps[trial.filtered], verdicts.kept),
        (consensus.name if consensus else "consensus", changed, None),
    ):
        rows = component_rows(
            volume,
            volumes.box,
            reference=volumes.reference.labels,
            baseline=None if confirming is None else confirming.labels,
            kept=kept,
        )
        parts.append(rows.assign(method=method))
    return pd.concat(parts, ignore_index=True)


def _changes(study: Study, volumes: CaseVolumes, trial: Trial, labels: Labels) -> Mapping[str, float]:
    filtered, names = volumes.maps[trial.filtered], study.scheme.names
    try:
        found = flips(volumes.reference.labels, filtered.labels, labels, volumes.affine, study.scheme.regions)
    except ValueError:  # with a finer connectivity a rule may remove a part of a component
        return {}
    ids = [
        row_id((trial.filtered, names[int(label)], int(number)))
        for label, number in zip(found.labels, found.numbers, strict=True)
    ]
    return dict(zip(ids, found.average_changes(study.scheme.dice_average).tolist(), strict=True))
