"""The nouns: records, errors, time. Imports nothing of Spyglass."""
