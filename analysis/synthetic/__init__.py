"""Synthetic studies: brains, gliomas and two networks' predictions that nobody has to be protected from."""
