import pytest
from cohorts import make_cohort
from studies import write_volumes

from viewer.app import create_app
from viewer.cohort_view import Pin
from viewer.names import Id
from viewer.view_state import read_query
from viewer.wiring import SHARES, opened, shares

ROWS = [
    ("SYN-00001-000", 0.9, 0.8, 0.85),
    ("SYN-00002-000", 0.8, 0.9, 0.95),
    ("SYN-00002-001", 0.7, 0.7, 0.7),
]


@pytest.fixture
def cohort():
    return make_cohort(ROWS, pins=[Pin("C2", "SYN-00002-000", "second")])


def test_the_first_pin_is_opened_when_the_address_says_nothing(cohort):
    assert opened(cohort, None) == ("SYN-00002-000", [])


def test_without_pins_the_first_patient_is_opened():
    assert opened(make_cohort(ROWS), None) == ("SYN-00001-000", [])


def test_an_empty_study_opens_nothing():
    assert opened(make_cohort([]), None) == (None, [])


def test_a_part_of_an_id_opens_the_only_patient_that_has_it(cohort):
    assert opened(cohort, "00001") == ("SYN-00001-000", [])


def test_a_part_that_fits_several_opens_none_and_names_them(cohort):
    patient, sentences = opened(cohort, "00002")
    assert patient is None
    assert sentences[0].endswith("Did you mean SYN-00002-000, SYN-00002-001?")


def test_a_change_of_one_thing_wakes_only_those_who_follow_it(cohort):
    before, _ = shares(cohort, "?patient=SYN-00001-000")
    after, _ = shares(cohort, "?patient=SYN-00001-000&eps=0.01")
    assert {slot for slot in SHARES if before[slot] != after[slot]} == {Id.CHART, Id.CLASSES}


def test_a_layer_does_not_redraw_plot_table_or_panels(cohort):
    before, _ = shares(cohort, "?patient=SYN-00001-000")
    after, _ = shares(cohort, "?patient=SYN-00001-000&off=ED")
    assert {slot for slot in SHARES if before[slot] != after[slot]} == {Id.LOOK}


def test_another_case_wakes_neither_the_cohort_nor_the_trial_on_it_nor_a_selection_there_is_not(cohort):
    rule = "&connectivity=6&tab=rule"
    before, _ = shares(cohort, "?patient=SYN-00001-000" + rule)
    after, _ = shares(cohort, "?patient=SYN-00002-000" + rule)
    idle = {Id.CHART, Id.CLASSES, Id.COLUMNS, Id.RULED, Id.CHOSEN}
    assert {slot for slot in SHARES if before[slot] == after[slot]} == idle


def test_a_selection_is_let_go_by_the_next_case(cohort):
    chosen, _ = shares(cohort, "?patient=SYN-00001-000&component=distmap:NCR:1")
    after, _ = shares(cohort, "?patient=SYN-00002-000")
    assert read_query(chosen[Id.CHOSEN])[0].component == ("distmap", "NCR", 1)
    assert after[Id.CHOSEN] == ""


def test_a_share_names_a_patient_the_study_has(cohort):
    found, sentences = shares(cohort, "?patient=nobody")
    assert found[Id.CASE] == ""
    assert "nobody" in sentences[0]


def test_two_applications_of_one_study_are_the_same_page(tmp_path):
    write_volumes(tmp_path / "study")
    one, other = (create_app(tmp_path / "study") for _ in range(2))
    pages = [app.server.test_client().get("/_dash-layout").data for app in (one, other)]
    maps = [sorted(app.callback_map) for app in (one, other)]
    assert pages[0] == pages[1]
    assert maps[0] == maps[1]


def test_every_callback_speaks_of_parts_the_page_has(tmp_path):
    write_volumes(tmp_path / "study")
    app = create_app(tmp_path / "study")
    client = app.server.test_client()
    layout = client.get("/_dash-layout").get_data(as_text=True)
    for entry in client.get("/_dash-dependencies").get_json():
        for part in (*entry["inputs"], *entry["state"]):
            assert f'"id":"{part["id"]}"' in layout.replace('": "', '":"')


def test_a_link_to_a_panel_and_a_region_that_are_gone_says_so(cohort):
    _, sentences = shares(cohort, "?panels=baseline,vanished&region=XY&show=errors")
    assert sentences == [
        "There is no method “vanished” in this study; its panel is left out.",
        "There is no region “XY” in this study; there are WT, TC, ET, NCR, ED.",
    ]
