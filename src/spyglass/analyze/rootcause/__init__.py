"""Where a trouble comes from: figures of everything that calls, before and during it, and who calls whom in; a ranking with reasons out. No IO."""
