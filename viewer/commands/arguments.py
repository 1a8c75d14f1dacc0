"""What several commands ask for in the same words: the study, and where its notes and derived files go."""

from pathlib import Path
from typing import Annotated

import typer

from analysis.cohort.places import place

StudyFolder = Annotated[
    Path,
    typer.Argument(parser=place, metavar="STUDY", help="The study's folder, or its URL (s3://bucket/study)."),
]
StateFolder = Annotated[
    Path | None,
    typer.Option(
        help="Folder for notes and derived files, where the study is remote or can't be written to."
    ),
]
