"""Label maps in, numbers out; a cohort in, statistics out.

The bottom of the house: imports nothing of ours but itself.
"""
