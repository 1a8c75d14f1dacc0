"""How the Dice average of a case hangs on the verdict on each component; counted once, kept by content."""

import json
from collections.abc import Mapping

from analysis.cohort.nifti import read_label_map
from analysis.counterfactual import flips
from viewer.cohort_view import REFERENCE
from viewer.content_cache import ContentCache, content_key
from viewer.ledger import row_id
from viewer.open_study import NotInStudyError, Reading


def average_changes(reading: Reading, patient: str, cache: ContentCache) -> Mapping[str, float]:
    """Say what judging each DistMap component the other way would do to the Dice average of the consensus.

    Returns:
        Row id of the ledger to change, positive where the verdict cost something. Empty where a role is
        vacant, a volume is absent, or the consensus was not made by removing whole components.
    """
    study = reading.study
    filtered, source = study.with_role("consensus"), study.with_role("distmap")
    if filtered is None or source is None:
        return {}
    try:
        paths = [reading.label_file(patient, name) for name in (REFERENCE, source.name, filtered.name)]
    except NotInStudyError:
        return {}

    def make() -> bytes:
        reference, before, after = (read_label_map(path, study.scheme) for path in paths)
        try:
            found = flips(reference.labels, before.labels, after.labels, before.affine, study.scheme.regions)
        except ValueError:  # a consensus of another making
            return b"{}"
        names = study.scheme.names
        ids = [
            row_id((source.name, names[int(label)], int(number)))
            for label, number in zip(found.labels, found.numbers, strict=True)
        ]
        changes = found.average_changes(study.scheme.dice_average)
        return json.dumps(dict(zip(ids, changes.tolist(), strict=True))).encode()

    key = content_key("flips 1", paths, repr(study.scheme))
    changes: dict[str, float] = cache.facts(key, make)
    return changes
