import re
from pathlib import Path

import pytest
from dash.development.base_component import ComponentRegistry

import viewer
from viewer.atlas_component import FragmentAtlas
from viewer.case_stage import PROPERTIES, CaseStage
from viewer.static_files import NEEDED

FRONTEND = Path(viewer.__file__).parent / "frontend"


def properties_in_typescript():
    source = (FRONTEND / "src" / "props.ts").read_text(encoding="utf-8")
    body = re.search(r"interface CaseStageProps \{(.*?)\n\}", source, re.DOTALL).group(1)
    return set(re.findall(r"^  (\w+)\??:", body, re.MULTILINE)) - {"setProps"}


def test_python_and_typescript_name_the_same_properties():
    assert set(PROPERTIES) == properties_in_typescript()


def test_every_property_is_documented():
    assert [
        name for name in PROPERTIES if not re.search(rf"^ {{8}}{name}: ", CaseStage.__doc__, re.MULTILINE)
    ] == []


def test_a_property_that_does_not_exist_is_refused():
    with pytest.raises(TypeError, match="patient"):
        CaseStage(id="stage", patient="P-1")


def test_what_is_given_reaches_the_browser_as_json():
    sent = CaseStage(id="stage", caseKey="P-1", panels=[{"key": "reference"}]).to_plotly_json()
    assert sent["namespace"] == "viewer"
    assert sent["type"] == "CaseStage"
    assert sent["props"] == {"id": "stage", "caseKey": "P-1", "panels": [{"key": "reference"}]}


@pytest.mark.parametrize("component", [CaseStage, FragmentAtlas])
def test_dash_is_told_that_no_property_holds_components(component):
    """The browser reads a list there; null would stop it."""
    assert ComponentRegistry.children_props["viewer"][component.__name__] == []
    assert component._type == component.__name__


def test_the_scripts_that_dash_shall_load_are_those_the_build_writes():
    named = {entry["relative_package_path"] for entry in viewer._js_dist + viewer._css_dist}
    build = (FRONTEND / "build.mjs").read_text(encoding="utf-8")
    assert named == {f"_static/{name}" for name in NEEDED}
    assert all(Path(name).name.removesuffix(".js") in build for name in named)
