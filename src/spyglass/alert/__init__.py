"""Tell the right person once: rules, routes, groups, inhibition, silences, deduplication, notification, escalation, history."""
