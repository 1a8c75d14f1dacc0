"""The names of the 31 features, as the published tables write them (Cassez 2026, section 4.2)."""

REFERENCE_FEATURES = (
    "vol_WT",
    "vol_TC",
    "vol_ET",
    "ratio_ET_WT",
    "nb_cc_ET",
    "nb_cc_NCR",
    "frac_small_cc_ET",
    "frac_small_cc_NCR",
    "cc_spread_ET",
    "euler_WT",
    "euler_TC",
    "euler_ET",
    "cavities_WT",
    "pca_elongation_WT",
    "sphericity_WT",
    "surface_roughness_WT",
)
"""What describes the ground truth alone."""

METHOD_FEATURES = ("nb_cc_baseline_ET", "nb_cc_distmap_ET", "nb_cc_baseline_NCR", "nb_cc_distmap_NCR")
"""Component counts of the two methods."""

MORPHOLOGY_FEATURES = (*REFERENCE_FEATURES, *METHOD_FEATURES)
"""The columns of the published `patient_features.csv`, in its order."""

AGREEMENT_FEATURES = (
    "dice_B_D_WT",
    "dice_B_D_TC",
    "dice_B_D_ET",
    "vol_diff_B_D_ET",
    "vol_diff_B_D_NCR",
    "n_no_overlap_distmap_ET",
    "n_no_overlap_distmap_NCR",
    "frac_removed_distmap_ET",
    "frac_removed_distmap_NCR",
    "max_orphan_cc_ET",
    "max_orphan_cc_NCR",
)
"""What compares the two methods: the columns of `patient_agreement_features.csv`."""

FEATURES = (*MORPHOLOGY_FEATURES, *AGREEMENT_FEATURES)
