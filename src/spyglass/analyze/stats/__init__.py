"""Statistics over arrays of series, one per file. Nothing here knows what a span is; state is arrays, never an object per series."""
