"""Intent beside evidence: what spans claim is joined to what the system saw."""
