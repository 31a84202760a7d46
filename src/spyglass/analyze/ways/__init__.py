"""Ways of runs through their tools: which step follows which, what changed between two versions, and which runs went where runs hardly ever go."""
