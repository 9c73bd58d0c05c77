"""Makes the example's client importable as `examples.kinto.client`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))
