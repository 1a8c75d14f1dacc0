"""Statistics of a cohort: every number with how many values went in, how many did not, and by which rule."""
