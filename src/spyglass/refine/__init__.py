"""Batch to batch: redact, normalise, remember messages, price."""
