CREATE TABLE livegrains.snapshot (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shard smallint NOT NULL REFERENCES livegrains.shard,
  position bigint NOT NULL,
  number bigint NOT NULL,
  length bigint,
  made_at timestamptz NOT NULL DEFAULT now()
);

CREATE UNIQUE INDEX snapshot_published ON livegrains.snapshot (shard, position) WHERE length IS NOT NULL;

CREATE TABLE livegrains.snapshot_part (
  snapshot bigint NOT NULL REFERENCES livegrains.snapshot ON DELETE CASCADE,
  start bigint NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (snapshot, start)
);

ALTER TABLE livegrains.snapshot_part ALTER COLUMN bytes SET STORAGE EXTERNAL;
