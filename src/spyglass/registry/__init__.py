"""Agents as the server keeps them: declared beside observed, versions, configurations, rhythm and health. Plain functions, and doors to the facts."""
