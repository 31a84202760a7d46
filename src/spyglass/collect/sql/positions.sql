-- How far each followed file was read (positions.py). Times are ns; values are bound by place, in the order of the columns named.

-- schema: a position for each file, and the one batch that was given out
CREATE TABLE IF NOT EXISTS position (
  dev INTEGER, ino INTEGER, path TEXT, offset INTEGER, skipping INTEGER, head_bytes INTEGER, head TEXT, tail TEXT, seen_ns INTEGER, PRIMARY KEY (dev, ino)
);
CREATE TABLE IF NOT EXISTS pending (
  one INTEGER PRIMARY KEY CHECK (one = 1), dev INTEGER, ino INTEGER, start INTEGER, stop INTEGER, skipping INTEGER, time_ns INTEGER,
  path TEXT
);

-- all: every position, the latest first
SELECT dev, ino, path, offset, skipping, head_bytes, head, tail, seen_ns FROM position ORDER BY seen_ns DESC

-- pending: the batch that was given out last
SELECT dev, ino, start, stop, skipping, time_ns, path FROM pending

-- keep: a position
INSERT OR REPLACE INTO position (dev, ino, path, offset, skipping, head_bytes, head, tail, seen_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)

-- keep_pending: a batch that was given out
INSERT OR REPLACE INTO pending (one, dev, ino, start, stop, skipping, time_ns, path) VALUES (1, ?, ?, ?, ?, ?, ?, ?)

-- forget_pending: it is kept
DELETE FROM pending

-- prune: all but so many of the latest positions
DELETE FROM position WHERE rowid IN (SELECT rowid FROM position ORDER BY seen_ns DESC LIMIT -1 OFFSET ?)
