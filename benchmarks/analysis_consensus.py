"""CC-Consensus against the paper's pseudo-code: `python benchmarks/analysis_consensus.py`."""

import naive_consensus
import numpy as np
import scan
from race import race, report, require_equal

from analysis.consensus import consensus


def main() -> None:
    """Race whole volumes in both memory orders; the result must be equal in every bit."""
    made = scan.patient()
    for order in ("C", "F"):
        distmap, baseline = (np.array(labels, order=order) for labels in (made.distmap, made.baseline))
        found = race(
            {
                "the paper's pseudo-code": lambda one=distmap, other=baseline: naive_consensus.consensus(
                    one, other
                ),
                "glioscope": lambda one=distmap, other=baseline: consensus(one, other),
            },
            rounds=5,
        )
        require_equal("differing voxels", float(np.count_nonzero(np.not_equal(*found.values.values()))), 0, 0)
        report(f"CC-Consensus, {order} order", found, {("the paper's pseudo-code", "glioscope"): 80})


if __name__ == "__main__":
    main()
