"""One mask in, one mesh out; knows no patient and no tumour."""
