"""Mutable facts: what people make and change (saved views, dashboards, queries), in SQL beside the records."""
