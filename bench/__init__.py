"""Benchmarks: `make bench` runs them all and prints one table; each file runs alone too. Ratios are taken within one run: these machines are shared."""
