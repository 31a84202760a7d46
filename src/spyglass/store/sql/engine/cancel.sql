-- Stop queries by the comment that they carry.
-- unbounded: stops what it finds
-- prefix String: how the comment begins
-- exact String: the whole comment, or empty for every comment with the prefix
-- kind String: Select, Insert …, or empty for every kind
KILL QUERY WHERE startsWith(Settings['log_comment'], {prefix:String})
  AND ({exact:String} = '' OR Settings['log_comment'] = {exact:String})
  AND ({kind:String} = '' OR query_kind = {kind:String})
ASYNC
