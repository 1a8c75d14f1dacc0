"""The bytes of a changed consensus. They are never kept on disk: a slider makes hundreds of them."""

from dataclasses import dataclass

from analysis.cohort.nifti import read_label_map
from meshing.packed import packed_glb
from meshing.recipes import RECIPES
from viewer import comparison, surfaces
from viewer.canonical import to_ras, x_fastest_bytes
from viewer.case_bytes import PACKED, Made
from viewer.cohort_view import REFERENCE
from viewer.content_cache import ContentCache, content_key, gzipped
from viewer.fidelity_badge import badge
from viewer.open_study import NotInStudyError, Reading
from viewer.view_state import ViewState
from viewer.what_if import WhatIf, WhatIfs

_FAST = 1


@dataclass(frozen=True, slots=True)
class Fleeting(Made):
    """Bytes that are made for one answer."""

    def compressed(self, cache: ContentCache) -> bytes:  # noqa: ARG002 - what is fleeting leaves the cache alone
        """Make them and compress them quickly."""
        return gzipped(self.make(), _FAST, has_runs=self.has_runs)


def trial_mesh(whatifs: WhatIfs, reading: Reading, view: ViewState) -> Made:
    """Offer the surfaces of a changed consensus as packed GLB; the view's mode says how they are made.

    Raises:
        NotInStudyError: if the patient, a volume or a mode is not there, or the view tries nothing.
        NiftiError: if a file can't be read.
    """
    if view.mode not in RECIPES:
        raise NotInStudyError(f"No surface mode {view.mode[:40]!r}; there are {', '.join(RECIPES)}.")
    found, scheme = _found(whatifs, reading, view), reading.study.scheme

    def make() -> bytes:
        label_map = found.volumes.on_grid(found.labels)
        measured = surfaces.measured_surfaces(label_map, scheme.labels, view.mode, is_snapped=True)
        told = {"badge": badge(measured, view.mode).as_extras()}
        return packed_glb([one.surface for one in measured], told)

    recipe = f"what-if mesh 4 {view.mode} {RECIPES[view.mode].version}"
    return Fleeting(_key(recipe, found), PACKED, make)


def trial_labels(whatifs: WhatIfs, reading: Reading, view: ViewState) -> Made:
    """Offer a changed consensus as uint8, RAS, x fastest; raises as `trial_mesh`."""
    found = _found(whatifs, reading, view)

    def make() -> bytes:
        label_map = found.volumes.on_grid(found.labels)
        return x_fastest_bytes(to_ras(label_map.labels, label_map.affine)[0])

    return Fleeting(_key("what-if labels 1", found), "application/octet-stream", make, has_runs=True)


def trial_comparison(whatifs: WhatIfs, reading: Reading, view: ViewState) -> Made:
    """Offer the errors or distances of a changed consensus, as the view says; raises as `trial_mesh`."""
    scheme = reading.study.scheme
    region = comparison.region_name(scheme, view)
    if view.show not in comparison.SURFACES_OF:
        raise NotInStudyError(f"Nothing is compared; there are {', '.join(comparison.SURFACES_OF)}.")
    found = _found(whatifs, reading, view)
    path = reading.label_file(view.patient or "", REFERENCE)

    def make() -> bytes:
        reference, label_map = read_label_map(path, scheme), found.volumes.on_grid(found.labels)
        return comparison.SURFACES_OF[view.show](reference, label_map, scheme.regions[region])

    return Fleeting(_key(f"what-if {view.show} {region} 2", found), PACKED, make)


def _found(whatifs: WhatIfs, reading: Reading, view: ViewState) -> WhatIf:
    if view.patient is None:
        raise NotInStudyError("No patient is named.")
    found = whatifs.of(reading, view.patient, view)
    if found is None:
        raise NotInStudyError("Nothing is tried: this is the study's own consensus.")
    return found


def _key(recipe: str, found: WhatIf) -> str:
    return content_key(recipe, [], found.volumes.key, repr(found.trial))
