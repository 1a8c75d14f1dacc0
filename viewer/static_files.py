"""Where the files of the page lie that no study changes."""

from pathlib import Path

#: What the front end is built into.
BUILT = Path(__file__).parent / "_static"

#: What of it Dash is told of, in `viewer/__init__.py`; without one of them there is no page.
NEEDED = ("plotly.min.js", "case_stage.min.js", "surfaces_worker.min.js", "case_stage.css")


def missing_files() -> list[str]:
    """Name the built files that are not there; an installed package has all."""
    return [name for name in NEEDED if not (BUILT / name).is_file()]


def assets_folder() -> Path:
    """Find the style sheets: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "assets"
    return inside if inside.is_dir() else package.parent / "assets"
