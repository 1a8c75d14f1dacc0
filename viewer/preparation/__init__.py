"""From a study's files to its results: what is missing is computed, patient by patient, and nothing else.

    study.toml, files --recipe--> Recipe --units--> one part a (patient, group) under cache/parts
                                                      |  run by an executor: here, in a pool, on a cluster
    results/*.parquet <--assembly-- parts, sorted <---+

A part is found by the digest of all that went into it, never by a time.
"""
