"""The shape of all tables of a database as one digest: it must not change between the publication and the fence."""

SHAPE = """SELECT pg_catalog.md5(coalesce(string_agg(pg_catalog.concat_ws(' ', n.nspname, c.relname, c.relkind,
    c.relpersistence, c.relreplident, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull), ','
    ORDER BY n.nspname, c.relname, a.attnum), ''))
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p', 'S') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'golive')"""
"""Asked with an empty search path, on which the names of types depend."""

NOTE = f"""SET search_path = '';
CREATE TABLE IF NOT EXISTS golive.shape (md5 text NOT NULL);
INSERT INTO golive.shape SELECT * FROM ({SHAPE}) now WHERE NOT EXISTS (SELECT FROM golive.shape);
RESET search_path;
"""
"""Notes it once, in a database that has the schema golive."""

NOTED = "SELECT md5 FROM golive.shape"
"""What was noted."""
