"""For tests of Spyglass and of its plugins."""
