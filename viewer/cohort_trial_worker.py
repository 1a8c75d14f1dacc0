"""The process that tries a rule on a cohort: `python -m viewer.cohort_trial_worker STUDY JOB`."""

import json
import sys
from pathlib import Path

from analysis.cohort.checks import check_files, read_files
from analysis.cohort.patients import REFERENCE
from analysis.cohort.study import Patient, Study, read_study
from analysis.rule_trial import rule_scores
from viewer.cohort_trial import DONE, FAILED, RUNNING, STOPPED, Job, Progress, alone, requested

_LOCK_PATIENCE_S = 40.0
_MOST_SENTENCES = 20


class NoRowError(ValueError):
    """A patient whose row can't be made; the message is a sentence for people."""


def work(study: Study, job: Job) -> Progress:
    """Do every patient that has no row yet, until the job is done or unwanted; returns how it ended."""
    with alone(job.folder.parent, _LOCK_PATIENCE_S) as is_mine:
        if not is_mine:
            ended = Progress(FAILED, words="Another rule was being tried, and did not end in time.")
            job.write_progress(ended)
            return ended
        return _work(study, job)


def _work(study: Study, job: Job) -> Progress:
    patients = study.patients()
    done = {row["patient"] for row in job.rows()}
    failures: list[str] = []
    job.mend_rows()
    with (job.folder / "rows.jsonl").open("a", encoding="utf-8") as rows:
        for patient in patients:
            why = job.is_unwanted
            if why:
                return _ended(job, Progress(STOPPED, len(done), len(patients), tuple(failures), why))
            if patient.id not in done:
                try:
                    row = patient_row(study, job, patient)
                except NoRowError as error:
                    failures.append(str(error))
                else:
                    rows.write(json.dumps(row) + "\n")
                    rows.flush()
                    done.add(patient.id)
            _ended(job, Progress(RUNNING, len(done), len(patients), tuple(failures[:_MOST_SENTENCES])))
    return _ended(job, Progress(DONE, len(done), len(patients), tuple(failures)))


def _ended(job: Job, progress: Progress) -> Progress:
    job.write_progress(progress)
    return progress


def patient_row(study: Study, job: Job, patient: Patient) -> dict[str, object]:
    """Try the rule on one patient.

    Raises:
        NoRowError: if a file that the rule needs is absent or refused.
    """
    trial = job.trial
    files = read_files(patient, (trial.filtered, trial.veto))
    checked = check_files(files, study.scheme, study.tolerance_mm)
    wrong = [finding.sentence for finding in checked.findings if finding.severity == "error"]
    absent = [name for name in (trial.filtered, trial.veto) if name not in checked.predictions]
    if wrong:
        raise NoRowError(f"{patient.id}: {wrong[0]}")
    if checked.reference is None or absent:
        raise NoRowError(f"{patient.id}: {(absent or [REFERENCE])[0]} has no volume.")
    scores = rule_scores(
        checked.reference,
        checked.predictions[trial.filtered],
        checked.predictions[trial.veto],
        study.scheme,
        trial.rule,
    )
    return {
        "patient": patient.id,
        "dice_average": scores.average(study.scheme.dice_average),
        **{f"dice_{region}": value for region, value in scores.dice.items()},
        **{f"fragments_{label}": count for label, count in scores.fragments.items()},
    }


def main() -> None:
    """Carry out the job that the arguments name; an error ends it and is said."""
    folder, job_folder = Path(sys.argv[1]), Path(sys.argv[2])
    job = requested(job_folder)
    try:
        work(read_study(folder), job)
    except (OSError, ValueError) as error:
        job.write_progress(Progress(FAILED, len(job.rows()), words=str(error)))
        raise


if __name__ == "__main__":
    main()
