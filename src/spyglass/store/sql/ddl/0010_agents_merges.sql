-- The sums of agents lie in granules of 64 rows. Read through in parts that keep these one by one (compact ones), a list of all agents takes six times as long as in
-- parts that keep each column in one piece: whatever has some thousand rows is kept so. And a day that is over gets no more rows, so that its last parts would wait
-- for each other for ever: they become one.
ALTER TABLE agents_hour MODIFY SETTING min_bytes_for_wide_part = 0, min_rows_for_wide_part = 4096,
  min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1;
