"""One mask in, one mesh out; knows no patient and no tumour.

Kernels that pass over a whole surface let go of Python's lock (`nogil`): a server makes several at once.
"""
