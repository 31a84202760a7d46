"""The analyzers that come with Spyglass, one per file, declared as a stranger's would be."""
