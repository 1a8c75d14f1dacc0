"""A change of the program redoes what depends on the files that changed, and nothing else."""

from pathlib import Path

import pytest

from viewer.preparation import program
from viewer.preparation.program import program_version, source_digest, sources_of

PARTS, TABLES = "viewer.preparation.unit", "viewer.preparation.assembly"


def names(module: str) -> set[str]:
    house = Path(program.__file__).parents[2]
    return {path.relative_to(house).as_posix() for path in sources_of(module)}


def write_house(folder: Path, modules: dict[str, str]) -> Path:
    for name, source in modules.items():
        path = folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return folder


def test_parts_depend_on_what_computes_them_and_on_nothing_that_shows_or_tells_them() -> None:
    found = names(PARTS)
    assert found >= {
        f"analysis/{name}.py"
        for name in ("patient", "metrics", "features", "consensus", "ledger", "lesion_wise")
    }
    assert found >= {"viewer/preparation/unit.py", "viewer/preparation/parts.py", "analysis/kernels/runs.py"}
    rooms = ("analysis/report", "analysis/audit", "analysis/synthetic", "analysis/statistics", "meshing")
    assert not [name for name in found if name.startswith(rooms)]
    assert not found & {"viewer/page.py", "viewer/preparation/assembly.py", "viewer/preparation/progress.py"}


def test_tables_depend_on_what_joins_parts_and_not_on_the_metrics() -> None:
    found = names(TABLES)
    assert found >= {"viewer/preparation/assembly.py", "analysis/cases.py", "analysis/cohort/results.py"}
    assert not found & {"analysis/metrics.py", "analysis/features.py", "viewer/preparation/unit.py"}


def test_every_import_of_ours_is_followed_however_it_is_written(tmp_path: Path) -> None:
    empty = ("plain", "beside", "inside", "unused", "__init__", "deep/__init__")
    house = write_house(
        tmp_path,
        dict.fromkeys((f"analysis/{name}" for name in empty), "")
        | {
            "viewer/first": (
                "import numpy\n"
                "import analysis.plain, analysis.beside\n"
                "from analysis import (\n    inside,  # a module\n    other as another,\n)\n"
                "from analysis.names import a_name\n"
                "def late():\n    from meshing.late import mesh\n"
            ),
            "analysis/other": "import viewer.first",
            "analysis/names": "from analysis.deep import x",
            "meshing/late": "",
        },
    )
    found = {path.relative_to(house).as_posix() for path in sources_of("viewer.first", house)}
    expected = {"viewer/first", "analysis/__init__", "analysis/deep/__init__", "meshing/late"}
    expected |= {f"analysis/{name}" for name in ("plain", "beside", "inside", "other", "names")}
    assert found == {f"{name}.py" for name in expected}


def test_the_digest_follows_the_bytes_of_the_files_that_count_and_of_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = {"viewer/first": "import analysis.used", "analysis/used": "1", "analysis/unused": "1"}
    house = write_house(tmp_path, modules)
    monkeypatch.setattr(program, "_HOUSE", house)
    monkeypatch.setattr(program, "sources_of", lambda module: sources_of(module, house))
    digest = source_digest.__wrapped__  # without its memory
    first = digest("viewer.first")
    write_house(house, {"analysis/unused": "2"})
    assert digest("viewer.first") == first
    write_house(house, {"analysis/used": "2"})
    assert digest("viewer.first") != first


def test_a_module_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"has no module viewer\.nothing"):
        sources_of("viewer.nothing")


def test_a_table_says_the_version_and_the_source_that_made_it() -> None:
    version, _, digest = program_version(TABLES).rpartition("+")
    assert version
    assert digest == source_digest(TABLES)
