"""Guided stories of the pinned cases: the component that explains a case, and the view that shows it.

Nothing is typed: the class is read from the results, and the component and what it is worth are computed from
the label maps by edits whose scores equal a full recompute (`analysis.explaining`).

* C1 and C2 ask why one parent lost: by the edit that would raise its Dice average most.
* C3 and C5 ask what the rule cost, C4 and C6 what it gained: by the removed component whose return would
  change the consensus most.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from analysis.cohort.label_map import LabelMap
from analysis.cohort.nifti import read_label_map
from analysis.cohort.study import Role, Study
from analysis.components import Components, label_components
from analysis.explaining import Explanation, what_the_rule_did, why_worse
from analysis.orientation import ras_axes
from viewer.cohort_view import REFERENCE, Pin
from viewer.content_cache import ContentCache, content_key
from viewer.open_study import NotInStudyError, Reading
from viewer.trial import FIELDS
from viewer.view_state import ViewState

_LOSERS: Mapping[str, tuple[Role, Role]] = {"C1": ("distmap", "baseline"), "C2": ("baseline", "distmap")}
_SIGNS = {"C3": 1, "C5": 1, "C4": -1, "C6": -1}
_PLANES = ("sagittal", "coronal", "axial")
_PREPARED = ("story", "component", "cursor", "preset", "plane", "off")
_PUT_BACK = ("tab", "isolated", "alone", "ledger", *FIELDS)


@dataclass(frozen=True, slots=True)
class Reason:
    """The component that explains a case, and the edit that was weighed.

    Attributes:
        source: the method whose component it is.
        label: its name.
        number: within the label.
        edit: as in `Explanation`.
        edited: the method that is edited.
        average: Dice average of that method after the edit.
        change: and by how much it changes.
        voxels: of the component.
        volume_ml: of the component.
        true_voxels: of them with this label in the reference.
        plane: the slice in which the component is widest.
    """

    source: str
    label: str
    number: int
    edit: str
    edited: str
    average: float
    change: float
    voxels: int
    volume_ml: float
    true_voxels: int
    plane: str

    @property
    def component(self) -> tuple[str, str, int]:
        """Name it as addresses do."""
        return self.source, self.label, self.number


def reason(reading: Reading, pin: Pin, cache: ContentCache) -> Reason | None:
    """Find the component that explains a pinned case; None where no single one does, or volumes are absent.

    Raises:
        NiftiError: if a volume can't be read.
    """
    names = _sources(reading.study, pin.tag)
    try:
        paths = [reading.label_file(pin.patient, name) for name in names]
    except NotInStudyError:
        return None
    if not paths:
        return None

    def make() -> bytes:
        maps = [read_label_map(path, reading.study.scheme) for path in paths]
        found = _explained(reading.study, pin.tag, names, maps)
        return json.dumps(None if found is None else asdict(found)).encode()

    key = content_key(f"reason 1 {pin.tag}", paths, repr(reading.study.scheme), repr(names))
    stored = cache.facts(key, make)
    return None if stored is None else Reason(**stored)


def guided_view(pin: Pin, found: Reason | None) -> ViewState:
    """Prepare the view of a pinned case: its component selected, seen along the slice where it is widest."""
    if found is None:
        return ViewState(patient=pin.patient, story=pin.tag)
    return ViewState(
        patient=pin.patient,
        story=pin.tag,
        component=found.component,
        plane=found.plane,
        preset=found.plane,
        off=("brain",),
    )


def steps_to(view: ViewState) -> str:
    """Write what a click must change to come to a prepared view; what would hide it is put back."""
    written = view.only("patient", *_PREPARED).query().removeprefix("?").split("&")
    changed = dict(part.split("=", 1) for part in written)
    every = dict.fromkeys((*_PREPARED, *_PUT_BACK), "") | changed
    return "&".join(f"{name}={value}" for name, value in every.items())


def _sources(study: Study, tag: str) -> tuple[str, ...]:
    """Name what explains a class: reference, the edited or filtered method, the other; empty if none."""
    roles: tuple[Role, ...] = _LOSERS.get(tag, ("distmap", "consensus") if tag in _SIGNS else ())
    methods = [study.with_role(role) for role in roles]
    found = [method.name for method in methods if method is not None]
    return (REFERENCE, *found) if found and len(found) == len(roles) else ()


def _explained(study: Study, tag: str, names: tuple[str, ...], maps: list[LabelMap]) -> Reason | None:
    reference, first, second = (one.labels for one in maps)
    affine = maps[0].affine
    if tag in _LOSERS:
        found = why_worse(reference, first, second, affine, study.scheme)
        place, edited = (2 if found and found.edit == "adopted" else 1), names[1]
    else:
        try:
            found = what_the_rule_did(reference, first, second, affine, study.scheme, _SIGNS[tag])
        except ValueError:  # a consensus of another making
            return None
        place, edited = 1, names[2]
    if found is None:
        return None
    return _described(study, names[place], edited, found, (maps[0], maps[place]))


def _described(
    study: Study, source: str, edited: str, found: Explanation, maps: tuple[LabelMap, LabelMap]
) -> Reason:
    reference, label_map = maps
    components = label_components(label_map.labels, affine=label_map.affine)
    table, row = components.table, found.row
    label = int(table.labels[row])
    inside = (label_map.labels == label) & (components.numbers == table.numbers[row])
    return Reason(
        source=source,
        label=study.scheme.names[label],
        number=int(table.numbers[row]),
        edit=found.edit,
        edited=edited,
        average=found.average,
        change=found.change,
        voxels=int(table.voxel_counts[row]),
        volume_ml=float(table.voxel_counts[row] * label_map.voxel_volume_mm3 / 1000),
        true_voxels=int((reference.labels[inside] == label).sum()),
        plane=_widest_plane(components, row, label_map),
    )


def _widest_plane(components: Components, row: int, label_map: LabelMap) -> str:
    """Name the plane across the component's shortest side; of equal sides the last of R, A, S is taken."""
    table = components.table
    sides_mm = (table.box_stops[row] - table.box_starts[row]) * np.array(label_map.spacing_mm)
    along, _ = ras_axes(label_map.affine)
    ordered = sides_mm[list(along)]
    return _PLANES[int(np.flatnonzero(ordered == ordered.min())[-1])]
