"""Benchmarks: ratios measured side by side in one run. `scripts/bench NAME` prints a table, `--json` one object."""
