"""The ceiling study: how much any rule that picks among the given predictions could gain.

Section 5.4 and Appendix B of Cassez 2026. A policy names a method for each patient, or for each patient and
region; its score is the mean over patients of the Dice average of what it names.
"""
