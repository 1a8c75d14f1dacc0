"""Compiled inner loops. They take C-contiguous (z, y, x) arrays and know nothing of patients or files."""
