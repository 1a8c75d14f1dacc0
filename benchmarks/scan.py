"""The patient that the analysis is timed on: synthetic, of BraTS's size, in the memory order of nibabel."""

from pathlib import Path

from analysis.cohort.label_map import LabelMap
from analysis.cohort.labels import SCHEMES
from analysis.cohort.nifti import write_label_map
from analysis.consensus import consensus
from analysis.synthetic.grid import GRIDS
from analysis.synthetic.patient import SyntheticPatient, make_patient
from analysis.synthetic.roster import Visit

SCHEME = SCHEMES["brats2023"]
SOURCES = ("reference", "baseline", "distmap", "consensus")


def patient() -> SyntheticPatient:
    """The same patient every time; its label maps are Fortran-ordered."""
    return make_patient(0, Visit(3), GRIDS["full"], with_images=False)


def label_maps() -> dict[str, LabelMap]:
    """Reference, Baseline, DistMap and CC-Consensus."""
    made = patient()
    volumes = {"reference": made.reference, "baseline": made.baseline, "distmap": made.distmap}
    volumes["consensus"] = consensus(made.distmap, made.baseline)
    return {name: LabelMap(labels, made.affine) for name, labels in volumes.items()}


def write(folder: Path) -> dict[str, Path]:
    """Write the four label maps as .nii.gz."""
    paths = {name: folder / f"{name}.nii.gz" for name in SOURCES}
    for name, label_map in label_maps().items():
        write_label_map(paths[name], label_map)
    return paths
