"""The audit: every number the paper prints that its published tables can check, recomputed beside it."""
