"""The list of keys promises what the scripts do, no more and no less."""

import re
from pathlib import Path

from viewer.page import KEYS

ROOT = Path(__file__).parents[2]
STAGE = ROOT / "viewer" / "frontend" / "src"
LETTER = re.compile(r'^ {4}(?:([a-z])|"(.)"): ', re.MULTILINE)
ASSIGNED = re.compile(r"\bkeys\.([a-z]) = ")
INLINE = re.compile(r"[{,] ([a-z]): ")
WORDS = {
    "Arrow": "arrows",
    "Shift": "Shift",
    "shift": "Shift",
    "PageUp": "Page Up",
    "PageDown": "Down",
    "Home": "Home",
    "Enter": "Enter",
    "+": "+",
    "-": "−",
}


def handled_letters():
    """Letters and signs of every script of the page, wherever it adds its own to the table."""
    found = set()
    for path in (ROOT / "assets").glob("*.js"):
        text = path.read_text()
        found |= set(ASSIGNED.findall(text))
        for table in re.findall(
            r"(?:Object\.assign\((?:\w+\.)*keys, |const ACTIONS = )(\{.*?\}\)?;)", text, re.DOTALL
        ):
            found |= {letter or sign for letter, sign in LETTER.findall(table)}
            found |= set(INLINE.findall(table))
    return found


def words_of(table):
    """Keys that a table of the stage handles, as the list writes them; `=` is `+` without Shift."""
    return {
        WORDS[key]
        for key in re.findall(r"Arrow|[sS]hift|Page(?:Up|Down)|Home|Enter|(?<=\")[+-](?=\")", table)
    }


def test_every_letter_that_a_script_handles_is_listed_and_no_other():
    listed = {part for key in KEYS for part in key.split("  ") if len(part) == 1} - {"+", "−"}
    assert handled_letters() == listed


def test_every_key_of_a_view_and_of_a_slice_is_listed():
    view = (STAGE / "page" / "keys.ts").read_text().split("interface Acting")[0]
    of_a_slice = (STAGE / "slices" / "SliceView.tsx").read_text().split("const keys: ")[1].split("\n  };")[0]
    assert {"Home", "+", "−"} <= words_of(view)
    assert {"Enter", "Page Up", "+", "−", "Shift"} <= words_of(of_a_slice)
    in_a_view = " ".join(pair for key in KEYS.items() if key[0].startswith("arrows") for pair in key)
    assert {word for word in words_of(view) if word not in in_a_view} == set()
    assert {word for word in words_of(of_a_slice) if word not in KEYS["on a slice"]} == set()
