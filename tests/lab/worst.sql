-- A database with every problem that can be made without harm to its host, on a cluster of Debian 12.
CREATE ROLE batch LOGIN;
CREATE ROLE reader;
CREATE ROLE clerks;
GRANT clerks TO shop;
CREATE ROLE root_app LOGIN SUPERUSER;
CREATE DATABASE worst OWNER shop TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C';
\c worst
CREATE EXTENSION postgres_fdw;
CREATE EXTENSION nowhere;
CREATE COLLATION pg_catalog.atlantis FROM "C";
CREATE COLLATION ours FROM "C";
UPDATE pg_collation SET collversion = '1' WHERE collname = 'ours';
CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw;
CREATE FOREIGN TABLE elsewhere (a int) SERVER other;
CREATE FUNCTION seen() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER watched ON ddl_command_end EXECUTE FUNCTION seen();
CREATE SUBSCRIPTION feed CONNECTION 'host=192.0.2.1' PUBLICATION p WITH (connect = false);
GRANT CREATE ON DATABASE worst TO shop;
SET ROLE shop;
CREATE SCHEMA shop;
SET search_path = shop;
CREATE TABLE keyless (a int, b text COLLATE atlantis, c text COLLATE public.ours);
CREATE TABLE whole (a int);
ALTER TABLE whole REPLICA IDENTITY FULL;
CREATE TABLE nothing (a int PRIMARY KEY);
ALTER TABLE nothing REPLICA IDENTITY NOTHING;
CREATE UNLOGGED TABLE cache (a int PRIMARY KEY);
CREATE UNLOGGED TABLE session (a int PRIMARY KEY);
CREATE TABLE item (
  id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  price int,
  gross int GENERATED ALWAYS AS (price * 2) STORED
);
SELECT setval('item_id_seq', 32000);
CREATE TABLE part (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (1) TO (10);
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER note AFTER INSERT ON item FOR EACH ROW EXECUTE FUNCTION noted();
ALTER TABLE item ENABLE ALWAYS TRIGGER note;
CREATE RULE remember AS ON DELETE TO item DO ALSO NOTHING;
ALTER TABLE item ENABLE REPLICA RULE remember;
CREATE MATERIALIZED VIEW sums AS SELECT sum(price) FROM item;
GRANT SELECT ON item TO reader;
GRANT INSERT ON item TO batch;
SELECT lo_create(0);
RESET ROLE;
SELECT pg_create_physical_replication_slot('forgotten');
ALTER DATABASE worst CONNECTION LIMIT 0;
BEGIN;
INSERT INTO shop.nothing VALUES (1);
PREPARE TRANSACTION 'left-over';
