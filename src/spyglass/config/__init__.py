"""Every setting, and how it is loaded."""
