"""One patient: the label maps of every method in, all tables out."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import features, ledger, metrics
from analysis.cohort.label_map import LabelMap, Labels
from analysis.cohort.labels import LabelScheme
from analysis.components import find_components
from analysis.consensus import PAPER_RULE, ConsensusRule, painted
from analysis.metrics import ALL_FAMILIES, Families
from analysis.volumes import CroppedMap, common_box

REFERENCE = "reference"
METRIC_COLUMNS = ("patient", "fold", "method", "region", "metric", "value", "reason")


@dataclass(frozen=True, slots=True, eq=False)
class PatientVolumes:
    """What is known of one patient before the analysis; all label maps on one grid.

    Attributes:
        patient: the id.
        fold: cross-validation fold, None where the study has none.
        reference: the ground truth.
        predictions: method to label map, in the order tables show them.
        absent: method to the reason why this patient has no label map of it.
        roles: role (`baseline`, `distmap`, `consensus`) to method.
    """

    patient: str
    fold: int | None
    reference: LabelMap
    predictions: Mapping[str, LabelMap]
    absent: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for method, label_map in self.predictions.items():
            if label_map.shape != self.reference.shape:
                raise ValueError(
                    f"patient {self.patient}: {method} grid {label_map.shape}, "
                    f"reference {self.reference.shape}"
                )


@dataclass(frozen=True, slots=True)
class AnalysisOptions:
    """What to compute.

    Attributes:
        consensus: when a component survives the vetoing method.
        families: which of the costlier metrics.
    """

    consensus: ConsensusRule = PAPER_RULE
    families: Families = ALL_FAMILIES


@dataclass(frozen=True, slots=True, eq=False)
class PatientTables:
    """The tables of one patient, with the columns of the study's `results/`.

    Attributes:
        metrics: one row per method, region and metric, `METRIC_COLUMNS`.
        features: one row, `patient` and `features.FEATURES`.
        components: one row per component, `ledger.COLUMNS`.
        consensus: CC-Consensus on the whole grid where it was computed here, else None.
    """

    metrics: pd.DataFrame
    features: pd.DataFrame
    components: pd.DataFrame
    consensus: LabelMap | None


def analyse_patient(
    volumes: PatientVolumes, scheme: LabelScheme, options: AnalysisOptions = AnalysisOptions()
) -> PatientTables:
    """Compute every table of one patient.

    Where the roles `baseline` and `distmap` are filled and no label map of a consensus is given,
    CC-Consensus is computed, enters every table under the name that `roles` has for it (else `consensus`),
    and is returned.

    Args:
        volumes: the label maps.
        scheme: their labels and regions.
        options: what to compute.
    """
    patient = _Patient(volumes, scheme, options)
    return PatientTables(
        metrics=_metrics_table(patient),
        features=_features_table(patient),
        components=_components_table(patient),
        consensus=patient.consensus_on_grid(),
    )


class _Patient:
    """The label maps inside their common box, the consensus among them."""

    def __init__(self, volumes: PatientVolumes, scheme: LabelScheme, options: AnalysisOptions) -> None:
        self.volumes = volumes
        self.scheme = scheme
        self.options = options
        self.box = common_box([volumes.reference, *volumes.predictions.values()])
        self.reference = self._cropped(volumes.reference.labels[self.box.slices])
        self.methods = {
            method: self._cropped(label_map.labels[self.box.slices])
            for method, label_map in volumes.predictions.items()
        }
        self.absent = dict(volumes.absent)
        self.computed: str | None = None
        self.filtered = self._filtered()
        self._add_consensus()

    def _cropped(self, labels: Labels) -> CroppedMap:
        return CroppedMap(labels, self.volumes.reference.affine, self.scheme)

    def role(self, role: str) -> CroppedMap | None:
        """The label map that plays a role, None where nobody does for this patient."""
        return self.methods.get(self.volumes.roles.get(role, ""))

    def _filtered(self) -> Labels | None:
        """What the rule leaves of the filtered method inside the box; None without both methods."""
        distmap, baseline = self.role("distmap"), self.role("baseline")
        if distmap is None or baseline is None:
            return None
        rule = self.options.consensus
        found = distmap.components
        if rule.connectivity != 26:
            found = find_components(distmap.labels, affine=distmap.affine, connectivity=rule.connectivity)
        return painted(found, rule.keeps(found.table, found.overlaps(baseline.labels)))

    def verdicts(self, volume: CroppedMap) -> npt.NDArray[np.bool_] | None:
        """(n,) whether anything is left of each component; None where the rule does not judge it."""
        if self.filtered is None or volume is not self.role("distmap"):
            return None
        return volume.components.overlaps(self.filtered) > 0

    def _add_consensus(self) -> None:
        roles = self.volumes.roles
        name = roles.get("consensus", "consensus")
        if name in self.methods or not {"baseline", "distmap"} <= set(roles):
            return
        if self.filtered is None:
            missing = [roles[role] for role in ("baseline", "distmap") if self.role(role) is None]
            self.absent[name] = f"needs {' and '.join(missing)}"
            return
        self.methods[name] = self._cropped(self.filtered)
        # The caller may have listed it as absent, not having it on disk.
        self.absent.pop(name, None)
        self.computed = name

    def consensus_on_grid(self) -> LabelMap | None:
        """The computed consensus pasted into the whole volume."""
        if self.computed is None:
            return None
        labels = np.zeros(self.volumes.reference.shape, np.uint8, order="F")
        labels[self.box.slices] = self.methods[self.computed].labels
        return LabelMap(labels, self.volumes.predictions[self.volumes.roles["distmap"]].affine)


def _metrics_table(patient: _Patient) -> pd.DataFrame:
    rows = list(_metric_rows(patient))
    table = pd.DataFrame(rows, columns=["method", "region", "metric", "value", "reason"])
    table.insert(0, "patient", patient.volumes.patient)
    table.insert(1, "fold", pd.Series([patient.volumes.fold] * len(rows), dtype="Int64"))
    return table.astype({"value": "float64", "reason": "str"})


def _metric_rows(patient: _Patient) -> Iterator[tuple[str, str, str, float, str | None]]:
    families = patient.options.families
    outside_voxels = patient.volumes.reference.labels.size - patient.reference.labels.size
    for region in patient.scheme.regions:
        for value in metrics.intrinsic_values(patient.reference, region):
            yield (REFERENCE, region, *value)
    for method, volume in patient.methods.items():
        found = metrics.compare(patient.reference, volume, outside_voxels=outside_voxels, families=families)
        for region, value in found:
            yield (method, region, *value)
    for method, reason in patient.absent.items():
        for region, metric in product(patient.scheme.regions, families.metrics):
            yield method, region, metric, math.nan, reason


def _features_table(patient: _Patient) -> pd.DataFrame:
    found = features.features(patient.reference, patient.role("baseline"), patient.role("distmap"))
    return pd.DataFrame([{"patient": patient.volumes.patient, **found}]).astype({"patient": "str"})


def _components_table(patient: _Patient) -> pd.DataFrame:
    baseline = patient.role("baseline")
    parts = []
    for method, volume in {REFERENCE: patient.reference, **patient.methods}.items():
        rows = ledger.component_rows(
            volume,
            patient.box,
            reference=patient.reference.labels,
            baseline=None if baseline is None else baseline.labels,
            kept=patient.verdicts(volume),
        )
        rows.insert(0, "method", method)
        parts.append(rows)
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "patient", patient.volumes.patient)
    return table.astype({"patient": "str", "method": "str"})
