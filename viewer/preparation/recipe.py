"""What the results depend on beside the files of one patient, and the digests by which parts are found."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from analysis.cohort.labels import LabelScheme
from analysis.cohort.patients import REFERENCE
from analysis.cohort.study import Option, Study, StudyError
from analysis.consensus import ConsensusRule
from viewer.preparation.program import source_digest

PART_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Group:
    """Methods whose tables depend on each other and are computed together.

    Those with a role form one group, which also describes the reference; every other method is a group of
    its own, so that a method that is added later costs only itself.

    Attributes:
        name: for people.
        methods: whose rows the group's part holds.
        needs: further methods whose label maps the rows depend on.
        is_main: whether the part describes the reference, too.
    """

    name: str
    methods: tuple[str, ...]
    needs: tuple[str, ...]
    is_main: bool


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything a worker must know beside one patient's files; small, and can be sent to another machine.

    Attributes:
        folder: the study's.
        cache: where parts lie.
        scheme: labels and regions.
        tolerance_mm: how far apart two grids may put a voxel.
        methods: names of the methods that have files, in the order tables show them.
        roles: role to method name.
        computed: the consensus method whose label maps we write; empty if there is none.
        consensus: options of the consensus rule, as study.toml gives them.
        version: of what computes parts; another one computes everything anew.
    """

    folder: Path
    cache: Path
    scheme: LabelScheme
    tolerance_mm: float
    methods: tuple[str, ...]
    roles: Mapping[str, str]
    computed: str
    consensus: Mapping[str, Option]
    version: str

    def groups(self) -> tuple[Group, ...]:
        """Say which methods are computed together."""
        in_role = tuple(name for name in self.methods if name in self.roles.values())
        baseline = self.roles.get("baseline")
        main = Group(", ".join((REFERENCE, *in_role)), in_role, (), is_main=True)
        alone = [name for name in self.methods if name not in in_role]
        needs = () if baseline is None else (baseline,)
        return (main, *(Group(name, (name,), needs, is_main=False) for name in alone))

    def key(self, patient: str, group: Group, digests: Mapping[str, str]) -> str:
        """Name the part of a group by all that goes into it.

        Args:
            patient: patient id.
            group: one of `groups()`.
            digests: of `reference` and of each method's file, or why there is none.
        """
        sources = (REFERENCE, *group.methods, *group.needs)
        content = {
            "format": PART_FORMAT,
            "version": self.version,
            "patient": patient,
            "scheme": [self.scheme.names, dict(self.scheme.regions), dict(self.scheme.read_as)],
            "tolerance_mm": self.tolerance_mm,
            "files": [[source, digests[source]] for source in sources],
            "roles": dict(self.roles) if group.is_main else group.needs,
            "consensus": [self.computed, dict(self.consensus)] if group.is_main else None,
        }
        return digest_of(content)


def recipe_of(study: Study) -> Recipe:
    """Take from a study what its results depend on.

    Raises:
        StudyError: if the options of the consensus make no sense.
    """
    consensus_rule(study.consensus)
    computed = [method.name for method in study.methods if method.is_computed]
    return Recipe(
        folder=study.folder.absolute(),
        cache=study.cache_folder.absolute(),
        scheme=study.scheme,
        tolerance_mm=study.tolerance_mm,
        methods=tuple(method.name for method in study.methods if not method.is_computed),
        roles={method.role: method.name for method in study.methods if method.role is not None},
        computed=next(iter(computed), ""),
        consensus=study.consensus,
        version=code_version(),
    )


def consensus_rule(options: Mapping[str, Option]) -> ConsensusRule:
    """Make the rule of CC-Consensus from the table [consensus] of study.toml.

    Raises:
        StudyError: if an option is unknown or impossible.
    """
    known = [one.name for one in fields(ConsensusRule)]
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise StudyError(f"[consensus] has the unknown key {unknown[0]!r}; known are {', '.join(known)}")
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in options.items()
    }
    try:
        return ConsensusRule(**values)
    except (TypeError, ValueError) as error:
        raise StudyError(f"[consensus]: {error}") from error


def code_version() -> str:
    """Name the program that computes parts, so that a change of anything else in it redoes none."""
    return source_digest("viewer.preparation.unit")


def digest_of(content: object) -> str:
    """Digest something that JSON can write; equal content gives the same 32 letters."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]
