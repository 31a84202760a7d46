"""Bytes to batches. Knows wire formats, not meaning."""
