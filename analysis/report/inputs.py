"""What a report is made of: a study's tables, and who plays which role."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from analysis.cases import Scores
from analysis.ceiling.dice_cube import DiceCube, dice_cube
from analysis.cohort.labels import LabelScheme

ROLE_ORDER = ("baseline", "distmap", "consensus")


class LackingError(ValueError):
    """The study lacks what a table needs; the message says what, as a sentence."""


@dataclass(frozen=True, slots=True)
class ShownPatient:
    """A patient that the report shows by name.

    Attributes:
        tag: such as C1.
        patient: the id.
        title: what it is an example of.
    """

    tag: str
    patient: str
    title: str


@dataclass(frozen=True, slots=True, eq=False)
class ReportInputs:
    """A study as a report reads it.

    Attributes:
        metrics: results/metrics.parquet.
        features: results/features.parquet.
        patients: results/patients.parquet.
        scheme: labels and regions.
        methods: names in the study's order.
        titles: method name to its title for people.
        roles: role to method name; may lack any.
        shown: patients to name in Appendix E.
        size_sweep: patient, threshold_voxels, region, value; empty where there are no volumes.
    """

    metrics: pd.DataFrame
    features: pd.DataFrame
    patients: pd.DataFrame
    scheme: LabelScheme
    methods: Sequence[str]
    titles: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    shown: Sequence[ShownPatient] = ()
    size_sweep: pd.DataFrame = field(default_factory=pd.DataFrame)

    def title(self, method: str) -> str:
        """Name a method for people."""
        return self.titles.get(method, method)

    def three_methods(self) -> tuple[str, str, str]:
        """Name the methods that play baseline, distmap and consensus.

        Raises:
            LackingError: if a role is not filled.
        """
        baseline, distmap, consensus = self._playing(ROLE_ORDER)
        return baseline, distmap, consensus

    def two_methods(self) -> tuple[str, str]:
        """Name the methods that play baseline and distmap.

        Raises:
            LackingError: if a role is not filled.
        """
        baseline, distmap = self._playing(ROLE_ORDER[:2])
        return baseline, distmap

    def _playing(self, roles: Sequence[str]) -> list[str]:
        missing = [role for role in roles if role not in self.roles]
        if missing:
            raise LackingError(f"no method plays the role {' or '.join(missing)}.")
        return [self.roles[role] for role in roles]

    def averages(self) -> tuple[Scores, Scores, Scores]:
        """Dice averages of baseline, distmap and consensus, each (patients,)."""
        columns = [f"dice_average_{method}" for method in self.three_methods()]
        missing = [column for column in columns if column not in self.patients.columns]
        if missing:
            raise LackingError(f"the patients table has no column {missing[0]}.")
        baseline, distmap, consensus = (self.patients[column].to_numpy(dtype=float) for column in columns)
        return baseline, distmap, consensus

    def rows(self, metric: str, region: str) -> pd.DataFrame:
        """Values by patient and method of one metric and region.

        Raises:
            LackingError: if the study has none.
        """
        chosen = self.metrics[(self.metrics["metric"] == metric) & (self.metrics["region"] == region)]
        if chosen.empty:
            raise LackingError(f"the results have no {metric} of {region}.")
        columns = {
            str(method): part.set_index("patient")["value"] for method, part in chosen.groupby("method")
        }
        return pd.DataFrame(columns)

    def cube(self) -> DiceCube:
        """Dice of the three methods on the regions of the average.

        Raises:
            LackingError: if no patient has them all.
        """
        cube = dice_cube(self.metrics, self.three_methods(), self.scheme.dice_average)
        if not len(cube.patients):
            raise LackingError("no patient has the Dice of all three methods.")
        return cube

    def reference_volumes_ml(self) -> pd.DataFrame:
        """Volumes of the ground truth by patient and region; NaN where unknown."""
        own = self.metrics[(self.metrics["method"] == "reference") & (self.metrics["metric"] == "volume_ml")]
        if len(own):
            return pd.DataFrame(
                {str(r): part.set_index("patient")["value"] for r, part in own.groupby("region")}
            )
        prefix = "volume_ml_"
        columns = [column for column in self.patients.columns if column.startswith(prefix)]
        return self.patients.set_index("patient")[columns].rename(
            columns=lambda name: name.removeprefix(prefix)
        )

    def subjects(self) -> dict[str, str]:
        """Patient to subject."""
        return dict(zip(self.patients["patient"], self.patients["subject"], strict=True))
