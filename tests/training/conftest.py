"""What the tests of training share: one torch thread, and small known scenes."""

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'glioscope[training]'")
torch.set_num_threads(1)
