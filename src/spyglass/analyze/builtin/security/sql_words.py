"""What words mean in SQL, over the dialects of MySQL, PostgreSQL, SQL Server, Oracle and SQLite: sets of lower-case words, for `sql_tokens`."""

from __future__ import annotations

from typing import Final

__all__ = ["ARITHMETIC", "CATALOGUES", "CLAUSES", "COMPARISONS", "EFFECTS", "FUNCTIONS", "LITERALS", "LOGIC", "PACKAGES", "PREFIXES", "SETS", "STATEMENTS"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STATEMENTS: Final = _words(
    "select insert update delete drop create alter exec execute declare grant revoke truncate replace merge shutdown call load handler do rename backup "
    "restore kill print if while begin waitfor set copy attach pragma use show describe vacuum analyze with"
)
CLAUSES: Final = _words(
    "from where into table values having group order limit offset procedure outfile dumpfile returning using join left inner cross natural on as by "
    "database schema column index view user top fetch then else end when collate for asc desc"
)
PREFIXES: Final = _words("distinct all binary interval any some unique case natural")  # may stand before an operand
LOGIC: Final = _words("and or xor && || eqv imp")
SETS: Final = _words("union except intersect minus")
COMPARISONS: Final = _words("= < > <= >= != <> <=> like rlike ilike regexp between in is glob similar == := !< !> sounds contains starts ~* !~ match escape")
ARITHMETIC: Final = _words("+ - * / % ^ | & ~ ! << >> div mod not ** :: isnull notnull")
LITERALS: Final = _words(
    "null true false default current_user current_timestamp current_date current_time session_user system_user utc_date utc_time utc_timestamp"
)
FUNCTIONS: Final = _words(
    "sleep benchmark pg_sleep load_file extractvalue updatexml version user database schema current_user system_user session_user concat concat_ws "
    "group_concat char chr ascii ord hex unhex substr substring substring_index mid char_length count cast convert coalesce ifnull isnull nullif iif if "
    "rand exp md5 sha1 sha aes_encrypt aes_decrypt elt make_set name_const last_insert_id xp_cmdshell sp_executesql openrowset opendatasource utl_http trim "
    "upper lower ucase lcase instr locate extract now sysdate exists nvl decode xmltype json_extract printf randomblob typeof sqlite_version db_name "
    "object_id col_name suser_name is_srvrolemember lpad rpad strcmp to_char to_number conv crc32 row_count found_rows coercibility collation charset "
    "get_lock release_lock row pi sin cos tan floor ceil round pow sqrt log abs sign truncate greatest least min max avg sum std bit_count inet_aton field "
    "find_in_set insert quote repeat reverse space export_set ctxsys dbms_pipe utl_inaddr current_setting query_to_xml string_agg array_agg date time day "
    "month year hour minute second weekday datediff dateadd values default ln power compress uncompress rtrim ltrim left right length acos asin atan "
    "degrees radians log2 log10 encode current_date load_extension procedure uuid format curdate curtime"
)
# What does more than compute: waits, reads or writes files, reaches the net or the system. Of the manuals of these databases.
EFFECTS: Final = _words(
    "sleep benchmark pg_sleep pg_sleep_for pg_sleep_until load_file extractvalue updatexml xp_cmdshell sp_executesql openrowset opendatasource openquery "
    "load_extension randomblob zeroblob readfile writefile lo_import lo_export lo_get lo_put pg_read_file pg_read_binary_file pg_ls_dir pg_stat_file "
    "pg_terminate_backend pg_cancel_backend pg_reload_conf set_config dblink dblink_connect dblink_exec query_to_xml table_to_xml database_to_xml "
    "schema_to_xml httpuritype sys_eval sys_exec fn_xe_file_target_read_file fn_trace_gettable get_lock master_pos_wait gtid_subset"
)
PACKAGES: Final = ("utl_", "dbms_", "ctxsys.", "xp_", "master..xp_")  # whose functions are of that sort
CATALOGUES: Final = _words(
    "information_schema sysobjects syscolumns sysdatabases sysusers mysql.user mysql.db northwind tempdb pg_catalog pg_shadow pg_user pg_tables "
    "sqlite_master sqlite_schema sqlite_temp_master all_tables user_tables all_tab_columns v$version msysobjects xp_cmdshell openrowset sp_executesql "
    "nvarchar sp_oacreate xp_regread xp_dirtree sp_password"
)
