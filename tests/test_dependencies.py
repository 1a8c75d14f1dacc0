"""What a user's environment gets: pinned inside its range, under licences that bind nobody's own code."""

import re
import tomllib
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HOUSE = Path(__file__).parents[1]
PROJECT = tomllib.loads((HOUSE / "pyproject.toml").read_text())["project"]
RUNTIME = [Requirement(line) for line in PROJECT["dependencies"]]
EXTRAS = [Requirement(line) for lines in PROJECT["optional-dependencies"].values() for line in lines]
# A library under the LGPL may be used, unchanged and by name, by code under any licence.
LGPL = {"connected-components-3d", "fastremap", "fill-voids"}
PERMISSIVE = re.compile(
    r"\b(MIT|BSD|Apache|ISC|PSF|MPL|HPND|Zope|Python Software Foundation|MIT-CMU)\b", re.IGNORECASE
)


def pins() -> dict[str, str]:
    lines = (HOUSE / "constraints.txt").read_text().splitlines()
    pairs = (line.split(";")[0].split("==") for line in lines if "==" in line and not line.startswith("#"))
    return {canonicalize_name(name.strip()): version.strip() for name, version in pairs}


def licence(package: Distribution) -> str:
    """What the package says of itself, in any of the three places where it may."""
    fields = package.metadata
    classifiers = [line for line in fields.get_all("Classifier") or [] if line.startswith("License")]
    return " ".join(
        [fields.get("License-Expression") or "", (fields.get("License") or "")[:300], *classifiers]
    )


@pytest.mark.parametrize("needed", [*RUNTIME, *EXTRAS], ids=lambda one: one.name)
def test_every_direct_dependency_is_pinned_inside_its_range(needed: Requirement) -> None:
    found = pins()
    name = canonicalize_name(needed.name)
    if name == "torch" and name not in found:
        return  # pinned in the Makefile, since its build depends on the machine
    assert needed.specifier.contains(found[name], prereleases=True)


def installed() -> dict[str, Distribution]:
    """All that comes with the program: its requirements, and theirs on this machine."""
    waiting, found = list(RUNTIME), dict[str, Distribution]()
    while waiting:
        needed = waiting.pop()
        name = canonicalize_name(needed.name)
        if name not in found:
            found[name] = distribution(name)
            lines = [Requirement(line) for line in found[name].requires or []]
            extras = needed.extras or {""}
            waiting += [
                one
                for one in lines
                if not one.marker or any(one.marker.evaluate({"extra": e}) for e in extras)
            ]
    return found


INSTALLED = installed()


@pytest.mark.parametrize("name", sorted(INSTALLED))
def test_everything_that_comes_along_is_pinned(name: str) -> None:
    assert name in pins()


@pytest.mark.parametrize("name", sorted(INSTALLED))
def test_what_a_user_installs_binds_nobodys_code(name: str) -> None:
    said = licence(INSTALLED[name])
    assert PERMISSIVE.search(said) or name in LGPL, said
    if name not in LGPL:
        assert "GPL" not in said
    assert not re.search(r"\bA?GPL", said) or "LGPL" in said or "Lesser" in said
