"""The real label maps that tests read where the data folder is set."""

from functools import cache
from pathlib import Path

from analysis.cohort.label_map import LabelMap
from analysis.cohort.labels import SCHEMES
from analysis.cohort.nifti import read_label_map

BRATS2023 = SCHEMES["brats2023"]
# Scan of the published tables to its ground truth.
REFERENCES = {
    "BraTS-GLI-01479-000": "real/BraTS2021_01479/BraTS2021_01479_seg.nii.gz",
    "BraTS-GLI-00147-000": "real/pairs/BraTS-GLI-00147-000/BraTS-GLI-00147-000-seg.nii.gz",
    "BraTS-GLI-00300-000": "real/pairs/BraTS-GLI-00300-000/BraTS-GLI-00300-000-seg.nii.gz",
    "BraTS-GLI-01110-000": "real/pairs/BraTS-GLI-01110-000/BraTS-GLI-01110-000-seg.nii.gz",
}
# Every pair of label maps of one scan that the folder holds: reference, then prediction.
PAIRS = (
    *(
        (
            REFERENCES[f"BraTS-GLI-{scan}"],
            f"real/pairs/BraTS-GLI-{scan}/BraTS-GLI-{scan}-pred-{network}.nii.gz",
        )
        for scan, network in (("00147-000", "UNet"), ("00300-000", "SegResNet"), ("01110-000", "SwinUNETR"))
    ),
    *(
        ("real/TCGA-FG-6692/fusion_simple.nii.gz", f"real/TCGA-FG-6692/pred_{network}-20.nii.gz")
        for network in ("hnfnetv1", "isen", "sanet0", "scan", "yixinmpl")
    ),
)


@cache
def read(folder: Path, name: str) -> LabelMap:
    """Read one label map; the older files write label 4 for ET."""
    return read_label_map(folder / name, SCHEMES["brats2023" if "GLI" in name else "brats2021"])
