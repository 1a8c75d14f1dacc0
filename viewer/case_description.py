"""A case as JSON, for the browser and for other programs: grid, sources, labels, images, components."""

import json
import math
from typing import Any
from urllib.parse import quote

from viewer.case_bytes import WINDOW_PERCENTILES, Made, grid, has_label_file
from viewer.content_cache import ContentCache, content_key
from viewer.exports import NOT_CLINICAL
from viewer.ledger import ledger_rows
from viewer.open_study import Reading
from viewer.panels import contrasts


def described(reading: Reading, patient: str, cache: ContentCache) -> Made:
    """Offer the description of a case.

    Raises:
        NotInStudyError: if the study has no such patient.
    """
    reading.patient(patient)
    text = json.dumps(description(reading, patient, cache), allow_nan=False).encode()
    return Made(content_key("case 1", [], text.decode()), "application/json", lambda: text)


def description(reading: Reading, patient: str, cache: ContentCache) -> dict[str, Any]:
    """Describe a case in JSON's own types; what is unknown is null."""
    found = grid(reading, patient, cache)
    who = quote(patient, safe="")
    return {
        "patient": patient,
        "study": reading.study.name,
        "synthetic": reading.study.synthetic,
        "notice": NOT_CLINICAL,
        "grid": None if found is None else {"shape": found.shape, "affine": found.affine},
        "sources": [
            {
                "name": source.name,
                "title": source.title,
                "role": source.role,
                "labels_url": f"/labels/{who}/{source.name}.u8"
                if has_label_file(reading, patient, source.name)
                else None,
            }
            for source in reading.cohort.sources
        ],
        "labels": [
            {"value": label.value, "name": label.name, "title": label.title, "colour": label.colour}
            for label in reading.cohort.scheme.labels
        ],
        "contrasts": [
            {
                "name": name,
                "url": f"/image/{who}/{quote(name, safe='')}.u8",
                "window_percentiles_of_nonzero": WINDOW_PERCENTILES,
            }
            for name in contrasts(reading, patient)
        ],
        "components": [_plain(row) for row in ledger_rows(reading.ledger(patient))],
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in row.items()
    }
