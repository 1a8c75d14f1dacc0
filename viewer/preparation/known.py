"""What is known of remote files without fetching them: their digests, as long as their store says the same.

A store names the content of a file (`places.content_mark`). The digests of a patient's files are kept beside
the patient's parts, with those marks; while they are equal, a run that finds nothing to do fetches nothing.
Local files are always read: that is quick, and their times prove too little to be kept for years.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis.cohort.atomic import write_bytes_atomically
from analysis.cohort.checks import PatientFiles, read_files
from analysis.cohort.patients import REFERENCE, Patient
from analysis.cohort.places import content_mark, is_remote, unreachable_errors

KNOWN_FILE = "known.json"

Marks = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A remote file whose digest is known.

    Attributes:
        mark: what the store called its content.
        digest: SHA-256 of it, in hex.
    """

    mark: str
    digest: str


def known_digests(folder: Path, files: Mapping[str, Path]) -> dict[str, str]:
    """Look up the digests of remote files whose store still gives the same mark.

    Args:
        folder: of the patient's parts.
        files: source to file.

    Returns:
        Source to SHA-256 in hex; without those that are local, new or changed.
    """
    remote = {source: path for source, path in files.items() if is_remote(path)}
    if not remote:
        return {}
    known = _read(folder / KNOWN_FILE)
    found = {source: known[str(path)] for source, path in remote.items() if str(path) in known}
    return {source: one.digest for source, one in found.items() if one.mark == _mark(remote[source])}


def remember(folder: Path, known: Mapping[Path, KnownFile]) -> None:
    """Keep what is known of some remote files, beside what was known of others."""
    if known:
        all_known = _read(folder / KNOWN_FILE) | {str(path): one for path, one in known.items()}
        content = {name: [one.mark, one.digest] for name, one in sorted(all_known.items())}
        write_bytes_atomically(folder / KNOWN_FILE, json.dumps(content, indent=1).encode())


def read_known(patient: Patient, methods: tuple[str, ...]) -> tuple[PatientFiles, dict[Path, KnownFile]]:
    """Read a patient's files, and say what is known of the remote ones from then on.

    A file whose mark changes while it is read is read but not known.
    """
    paths = label_files(patient, methods)
    before = {source: _mark(path) for source, path in paths.items() if is_remote(path)}
    files = read_files(patient, methods)
    return files, {
        paths[source]: KnownFile(mark, hashlib.sha256(files.contents[source]).hexdigest())
        for source, mark in before.items()
        if mark and source in files.contents and _mark(paths[source]) == mark
    }


def known_now(path: Path, digest: str) -> dict[Path, KnownFile]:
    """Say what is known of a file that was just written; nothing of a local one."""
    mark = _mark(path) if is_remote(path) else ""
    return {path: KnownFile(mark, digest)} if mark else {}


def label_files(patient: Patient, methods: tuple[str, ...]) -> dict[str, Path]:
    """Name the label maps of a patient by source; without those that are absent or ambiguous."""
    paths = {source: patient.path_of(source) for source in (REFERENCE, *methods)}
    return {
        source: path for source, path in paths.items() if path is not None and source not in patient.problems
    }


def _mark(path: Path) -> str:
    try:
        return content_mark(path)
    except unreachable_errors():
        return ""


def _read(path: Path) -> dict[str, KnownFile]:
    try:
        content = json.loads(path.read_bytes())
        return {name: KnownFile(str(mark), str(digest)) for name, (mark, digest) in content.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError, TypeError):  # damaged: what is not known is fetched
        return {}
