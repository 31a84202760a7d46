"""Rows in, findings out: what the product notices by itself. Findings go back to publish, and are stored, streamed and alerted by the same road."""
