"""One patient from files to tables against the naive program: `python benchmarks/analysis_patient.py`."""

import resource
import tempfile
from pathlib import Path

import naive_patient
import scan
from race import race, report, require_equal

from analysis.cohort.nifti import read_label_map
from analysis.metrics import Families
from analysis.patient import AnalysisOptions, PatientTables, PatientVolumes, analyse_patient

BORDERS_ONLY = AnalysisOptions(families=Families(surface_elements=False, lesion_wise=False))
ROLES = {"baseline": "baseline", "distmap": "distmap"}


def analyse(paths: dict[str, Path], options: AnalysisOptions) -> PatientTables:
    """Read four files and compute every table; the consensus is computed again, as the naive program does."""
    volumes = {name: read_label_map(path, scan.SCHEME) for name, path in paths.items()}
    predictions = {name: volumes[name] for name in ("baseline", "distmap")}
    return analyse_patient(
        PatientVolumes("P", 0, volumes["reference"], predictions, {}, ROLES), scan.SCHEME, options
    )


def check(naive: tuple[naive_patient.Metrics, dict[str, float]], found: PatientTables) -> None:
    """Compare every number that both programs have."""
    values = found.metrics.set_index(["method", "region", "metric"])["value"]
    for key, value in naive[0].items():
        require_equal(key, values[key], value)
    for name, value in naive[1].items():
        require_equal(name, found.features[name].item(), value)


def main() -> None:
    """Race the families that the naive program has; time all of them beside."""
    with tempfile.TemporaryDirectory() as folder:
        paths = scan.write(Path(folder))
        slow = "nibabel, scipy and scikit-image, whole volumes"
        found = race(
            {
                slow: lambda: naive_patient.analyse(paths),
                "glioscope": lambda: analyse(paths, BORDERS_ONLY),
                "glioscope with surface elements and lesions": lambda: analyse(paths, AnalysisOptions()),
            },
            rounds=5,
        )
        check(found.values[slow], found.values["glioscope"])
    report("One patient, 4 files", found, {(slow, "glioscope"): 100})
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {peak_mb:10.0f} MB      peak, naive program included")


if __name__ == "__main__":
    main()
