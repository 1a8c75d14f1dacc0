import base64
import gzip
import hashlib
import json
import re
from dataclasses import replace

import pytest
from dash import dcc, html
from flask import Flask
from studies import LPS, box_labels, write_volumes

from analysis.cohort.study import read_study, write_study
from analysis.cohort.usage import UsageError
from viewer import content_cache
from viewer.canonical import to_ras, x_fastest_bytes
from viewer.commands.snapshot import snapshot as command
from viewer.component_html import html_of
from viewer.export_routes import add_export_routes
from viewer.open_study import OpenStudy
from viewer.snapshot_tables import ledger_table

PATIENT, OTHER = "P-00001-000", "P-00002-000"


def held(page: str) -> dict[str, bytes]:
    found = re.findall(r'<script type="text/plain" data-url="([^"]+)"[^>]*>([^<]+)</script>', page)
    return {url: gzip.decompress(base64.b64decode(text)) for url, text in found}


def told(page: str) -> dict:
    return json.loads(re.search(r'<script type="application/json" id="case">(.*?)</script>', page).group(1))


def test_a_case_holds_the_bytes_of_everything_it_shows(exports):
    answer = exports.get(f"/snapshot/{PATIENT}.html?mode=voxel")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{PATIENT}_case.html"'
    files, case = held(answer.text), told(answer.text)
    wanted = {panel["meshUrl"] for panel in case["panels"]} | set(case["slices"]["labelUrls"].values())
    slices = case["slices"]
    assert wanted | {case["brainUrl"], slices["imageUrl"], slices["scaleUrl"]} == set(files)
    assert files["labels:reference"] == x_fastest_bytes(to_ras(box_labels(), LPS)[0])


def test_a_source_without_a_volume_has_its_note_and_no_bytes(exports):
    page = exports.get(f"/snapshot/{OTHER}.html?mode=voxel").text
    panel = next(one for one in told(page)["panels"] if one["key"] == "distmap")
    assert panel["meshUrl"] is None
    assert "no volume" in panel["note"]
    assert not any("distmap" in url for url in held(page))


def test_it_opens_as_the_link_that_made_it(exports):
    asked = "mode=voxel&off=ED&theme=light&plane=coronal&camera=30,-10,1.5,1,2,3&cursor=1,2,3&alone=baseline"
    case = told(exports.get(f"/snapshot/{PATIENT}.html?{asked}").text)
    assert case["layers"]["ED"] is False
    assert (case["theme"], case["maximized"], case["cursor"]) == ("light", "baseline", [1.0, 2.0, 3.0])
    assert case["camera"] == {"azimuth": 30.0, "elevation": -10.0, "zoom": 1.5, "target": [1.0, 2.0, 3.0]}
    assert case["slices"]["plane"] == "coronal"


def test_cameras_that_stand_apart_are_held_too(exports):
    asked = "unlinked=1&camera=30,-10,1.5&cameras=baseline:90:5:2,distmap:0:0:1:4:5:6"
    case = told(exports.get(f"/snapshot/{PATIENT}.html?{asked}").text)
    assert case["linked"] is False
    assert case["camera"]["own"] == {
        "baseline": {"azimuth": 90.0, "elevation": 5.0, "zoom": 2.0},
        "distmap": {"azimuth": 0.0, "elevation": 0.0, "zoom": 1.0, "target": [4.0, 5.0, 6.0]},
    }


def test_its_policy_allows_its_own_scripts_and_nothing_else(exports):
    page = exports.get(f"/snapshot/{PATIENT}.html?mode=voxel").text
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page).group(1)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["connect-src"] == "blob:"
    assert "unsafe" not in policy
    assert "://" not in policy
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts]
    assert rules["script-src"].split() == [f"'sha256-{digest}'" for digest in digests]


def test_it_says_what_it_is_and_how_large(exports):
    page = exports.get(f"/snapshot/{PATIENT}.html?mode=voxel").text
    assert "Research use only, not for clinical decisions." in page
    assert re.search(r"about \d+\.\d MB, of which \d+\.\d MB are surfaces", page)
    assert "Synthetic" not in re.sub(r"<(script|style)>.*?</\1>", "", page, flags=re.DOTALL)


def test_what_is_not_there_is_said_in_one_sentence(exports):
    answer = exports.get("/snapshot/nobody.html")
    assert (answer.status_code, answer.text) == (404, "No patient 'nobody' in this study.\n")
    assert exports.get("/snapshot/..%2f..%2fetc.html").status_code == 404


def test_text_of_the_study_can_not_end_the_page_early(tmp_path):
    write_volumes(tmp_path / "study")
    nasty = replace(read_study(tmp_path / "study"), name="</script><script>alert(1)</script>")
    write_study(nasty)
    server = Flask("test")
    add_export_routes(server, OpenStudy(tmp_path / "study"))
    page = server.test_client().get(f"/snapshot/{PATIENT}.html?mode=voxel").text
    assert "alert(1)</script>" not in page
    assert page.count("\n<script>") == 5


def test_the_command_writes_the_same_page(tmp_path, volumes, exports, capsys):
    command(volumes.folder, PATIENT, tmp_path / "out" / "case.html", "http://x/?mode=voxel&theme=light")
    said = capsys.readouterr()
    assert said.out.strip() == str(tmp_path / "out" / "case.html")
    written = (tmp_path / "out" / "case.html").read_text("utf-8")
    assert written == exports.get(f"/snapshot/{PATIENT}.html?mode=voxel&theme=light").text


@pytest.mark.parametrize(
    ("patient", "name", "sentence"),
    [("nobody", "case.html", "No patient 'nobody'"), (PATIENT, "case.txt", "must end in .html")],
)
def test_the_command_says_what_is_wrong(tmp_path, volumes, patient, name, sentence):
    with pytest.raises(UsageError, match=sentence):
        command(volumes.folder, patient, tmp_path / name)


def test_parts_become_html_with_their_text_escaped():
    part = html.Table(
        [html.Tr([html.Th("a < b", scope="row", colSpan=2), html.Td(None)], className='x"y')], id="t"
    )
    assert html_of(part) == (
        '<table><tr class="x&quot;y"><th colspan="2" scope="row">a &lt; b</th><td></td></tr></table>'
    )


def test_what_is_no_html_is_refused():
    with pytest.raises(TypeError, match="Store"):
        html_of(html.Div([dcc.Store(id="x")]))


def test_a_study_that_can_not_be_written_points_to_state(tmp_path, volumes, monkeypatch):
    def refuse(path, data):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(content_cache, "write_bytes_atomically", refuse)
    with pytest.raises(UsageError, match=r"cache/served/.*: Permission denied; --state DIR puts"):
        command(volumes.folder, PATIENT, tmp_path / "case.html")


def test_a_case_without_components_says_so(volumes):
    assert "has not been prepared" in ledger_table(volumes.read().cohort, None)
