"""The web app, the command line, and the hand that joins analysis and meshing."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("glioscope")
except PackageNotFoundError:  # a checkout that is not installed
    __version__ = "0+checkout"

# Dash reads these two from the top-level package of a component's module.
_js_dist = [
    # before Dash asks for a plotly.js with every kind of chart
    {"relative_package_path": "_static/plotly.min.js", "namespace": "viewer"},
    {"relative_package_path": "_static/case_stage.min.js", "namespace": "viewer"},
    # asked for by the first
    {"relative_package_path": "_static/surfaces_worker.min.js", "namespace": "viewer", "dynamic": True},
]
_css_dist = [{"relative_package_path": "_static/case_stage.css", "namespace": "viewer"}]
