"""Lets the viewer's tests import the hand-made cohorts beside them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
