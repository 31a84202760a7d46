"""Where a failed run went wrong: its steps in, the most suspect ones with reasons out."""
