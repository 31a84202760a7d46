-- What the runner of transcripts has read and told (transcripts/ledger.py). Times are ns; values are bound by place, in the order of the columns named.

-- schema: files as far as they were read, what was told of each span and event, and where sub-agents hang
CREATE TABLE IF NOT EXISTS files (
  path TEXT PRIMARY KEY, size INTEGER, modified_ns INTEGER, upto INTEGER, tail BLOB, place INTEGER, memory TEXT, rested INTEGER, seen_ns INTEGER
);
CREATE TABLE IF NOT EXISTS told (id BLOB PRIMARY KEY, digest BLOB, owner BLOB, at_ns INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS links (
  session TEXT, call TEXT, prompt BLOB, agent TEXT, trace BLOB, parent BLOB, kind TEXT, at_ns INTEGER, PRIMARY KEY (session, call)
);
CREATE INDEX IF NOT EXISTS links_by_agent ON links (session, agent);
CREATE INDEX IF NOT EXISTS links_by_prompt ON links (session, prompt);
PRAGMA user_version = 1;

-- file: what is known of the file at a path
SELECT path, size, modified_ns, upto, tail, place, memory, rested FROM files WHERE path = ?

-- keep_file: all of it, and when that was
INSERT OR REPLACE INTO files (path, size, modified_ns, upto, tail, place, memory, rested, seen_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)

-- told: what was told of a span or event, by its id
SELECT digest, owner FROM told WHERE id = ?

-- keep_told: id, digest, owner, and when
INSERT OR REPLACE INTO told (id, digest, owner, at_ns) VALUES (?, ?, ?, ?)

-- prune_told: what was told before a time
DELETE FROM told WHERE at_ns < ?

-- prune_links: sub-agents that were started before a time
DELETE FROM links WHERE at_ns < ?

-- prune_files: files that were last read before a time
DELETE FROM files WHERE seen_ns < ?

-- offer: a call that starts a sub-agent: session, call, digest of the prompt, trace, parent, kind, when
INSERT OR IGNORE INTO links (session, call, prompt, agent, trace, parent, kind, at_ns) VALUES (?, ?, ?, '', ?, ?, ?, ?)

-- bind: a sub-agent to its call: agent, session, call
UPDATE links SET agent = ? WHERE session = ? AND call = ? AND agent = ''

-- by_agent: the place of a sub-agent: session, agent
SELECT trace, parent, kind, call FROM links WHERE session = ? AND agent = ?

-- by_prompt: the first free place with this prompt: session, digest of the prompt
SELECT trace, parent, kind, call FROM links WHERE session = ? AND prompt = ? AND agent = '' ORDER BY at_ns, rowid LIMIT 1

-- adopt: a sub-agent that nobody started: session, a call of its own, agent, trace, parent, kind, when
INSERT OR IGNORE INTO links (session, call, prompt, agent, trace, parent, kind, at_ns) VALUES (?, ?, x'', ?, ?, ?, ?, ?)
