"""Compiled inner loops. They take C-contiguous (z, y, x) arrays and know nothing of patients or files.

Numba compiles them on first use and keeps the machine code beside this package (or, where that is read-only,
in the user's cache folder). `analysis.warming.warm` does it ahead of time.
"""
