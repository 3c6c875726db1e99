-- What a shard's recommender learned and its histories cannot teach again.
CREATE TABLE livegrains.model (
  shard smallint PRIMARY KEY REFERENCES livegrains.shard,
  made_at timestamptz NOT NULL DEFAULT now(),
  bytes bytea NOT NULL
);
