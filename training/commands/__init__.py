"""`glioscope train ...` and `glioscope predict`: typed functions; importing them imports no torch."""
