"""The only room which knows every room."""
