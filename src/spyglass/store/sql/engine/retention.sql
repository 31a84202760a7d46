-- Another rule for how long a table keeps its rows. What lies there is judged anew in the background.
-- unbounded: reads nothing
-- /*table*/: its name; /*ttl*/: the rule
ALTER TABLE /*table*/ MODIFY TTL /*ttl*/
