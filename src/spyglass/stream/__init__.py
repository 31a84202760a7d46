"""Live viewers: what each wants, batch to small frames."""
