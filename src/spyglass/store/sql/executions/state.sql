-- A fragment: how a run stands. Its first end stands; what the server said of its silence holds until it is heard of again; who waits for somebody has not stalled.
-- unbounded: one expression, over what a run's rows come to: ended_ns, outcome, abandoned_ns and stalled_ns (when what was said of it had last been heard), waiting_ns,
-- resumed_ns, heard_ns, acted, begin
multiIf(ended_ns < 9223372036854775807, outcome,
  abandoned_ns > 0 AND abandoned_ns >= heard_ns, 'abandoned',
  waiting_ns > resumed_ns, 'waiting',
  stalled_ns > 0 AND stalled_ns >= heard_ns, 'stalled',
  acted = 0 AND bitShiftRight(begin, 61) = 1, 'created', 'running')
