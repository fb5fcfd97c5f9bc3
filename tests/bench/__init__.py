"""Benchmarks: ratios measured in one run on texts that the benchmark makes itself."""
