"""Bytes in. Knows protocols, not meaning."""
