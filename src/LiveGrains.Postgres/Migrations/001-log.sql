CREATE TABLE livegrains.layout (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  shards smallint NOT NULL
);

CREATE TABLE livegrains.shard (
  shard smallint PRIMARY KEY,
  log_id bigint NOT NULL,
  epoch bigint NOT NULL,
  owner bigint NOT NULL
);

CREATE TABLE livegrains.frame (
  shard smallint NOT NULL,
  number bigint NOT NULL,
  position bigint NOT NULL,
  epoch bigint NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (shard, number)
);

-- Compression would cost the database more time than the commit.
ALTER TABLE livegrains.frame ALTER COLUMN bytes SET STORAGE EXTERNAL;
