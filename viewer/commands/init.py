"""`glioscope init`: make a study from folders of label maps, or from the paper's published tables."""

from pathlib import Path
from typing import Annotated

import typer

from viewer.commands.arguments import StudyFolder


def init(
    study: StudyFolder,
    reference: Annotated[
        str, typer.Option(help="The ground truth: a folder, or a path with {patient}.")
    ] = "",
    method: Annotated[
        list[str] | None, typer.Option(help="NAME=DIR, or NAME=PATH with {patient}. Repeatable.")
    ] = None,
    role: Annotated[
        list[str] | None, typer.Option(help="ROLE=NAME; roles are baseline, distmap, consensus. Repeatable.")
    ] = None,
    images: Annotated[
        str, typer.Option(help="The MRI: a folder, or a path with {patient} and {contrast}.")
    ] = "",
    scheme: Annotated[str, typer.Option(help="brats2023, brats2021 or brats2024-post.")] = "",
    name: Annotated[str, typer.Option(help="The study's name for people.")] = "",
    published: Annotated[
        Path | None, typer.Option(help="Folder of the paper's tables: a study without volumes.")
    ] = None,
) -> None:
    """Make a study: write its study.toml, and say what was found.

    A folder is searched by the layouts of BraTS and nnU-Net. Files under other names are found by a path with
    {patient} (and * for what differs), in quotes so that the shell leaves it alone:

    glioscope init STUDY --reference 'data/{patient}/{patient}-seg.nii.gz'
    --method unet='data/{patient}/{patient}-pred-UNet.nii.gz'
    --images 'data/{patient}/{patient}_{contrast}_bet.nii.gz'

    Methods called baseline and distmap play these roles; --role gives them to others. With both and no
    consensus, `prepare` computes CC-Consensus. Prints the path of study.toml.
    """
    from analysis.cohort.study import STUDY_FILE
    from analysis.cohort.usage import UsageError
    from viewer.study_making import Wishes, make_published_study, make_study

    if (study / STUDY_FILE).exists():
        raise UsageError(f"{study} is a study already; `glioscope add` adds a method to it")
    if (published is None) == (not reference):
        raise UsageError("init needs either --reference with the ground truth, or --published with tables")
    if published is not None:
        if method or role or images or scheme:
            raise UsageError("--published takes everything from the tables; leave the other options out")
        made = make_published_study(study, published, name)
    else:
        made = make_study(study, Wishes(reference, method or [], role or [], images, scheme, name))
    typer.echo(made, err=True)
    typer.echo(study / STUDY_FILE)
