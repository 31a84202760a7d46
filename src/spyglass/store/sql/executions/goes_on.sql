-- A fragment: whether a run goes on, however it stands: it has not ended and is not abandoned, as executions/state.sql has it. Less is read than for saying how.
-- unbounded: one expression, over what a run's rows come to: ended_ns, abandoned_ns (when what was said of it had last been heard), heard_ns
ended_ns = 9223372036854775807 AND NOT (abandoned_ns > 0 AND abandoned_ns >= heard_ns)
