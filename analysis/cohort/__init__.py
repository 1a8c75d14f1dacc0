"""What all packages share: label maps, regions, label schemes, patients on disk, NIfTI, the study folder."""
