"""Where the time of an agent's runs goes: spans in; the steps that their ends waited for, what was done again, and what has changed, out. No IO."""
