"""Where the files of the page lie that no study changes."""

from pathlib import Path

#: What the front end is built into.
BUILT = Path(__file__).parent / "_static"


def assets_folder() -> Path:
    """Find the style sheets: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "assets"
    return inside if inside.is_dir() else package.parent / "assets"
