-- The keys of the hash that routes events to shards: a part of the cluster routes before it has a shard.
ALTER TABLE livegrains.layout ADD COLUMN hash_key0 bigint, ADD COLUMN hash_key1 bigint;

-- The membership of the cluster. Tables and statements are ours; the names of the parameters and of the columns of the answers, and
-- the table from which the statements are read, are those of Orleans' provider for ADO.NET.
CREATE TABLE livegrains.cluster (
  cluster text PRIMARY KEY,
  version integer NOT NULL DEFAULT 0
);

CREATE TABLE livegrains.silo (
  cluster text NOT NULL REFERENCES livegrains.cluster,
  address text NOT NULL,
  port integer NOT NULL,
  generation integer NOT NULL,
  name text NOT NULL,
  host text NOT NULL,
  status integer NOT NULL,
  proxy_port integer,
  suspect_times text,
  started_at timestamptz(3) NOT NULL,
  alive_at timestamptz(3) NOT NULL,
  PRIMARY KEY (cluster, address, port, generation)
);

CREATE TABLE livegrains.orleansquery (
  querykey text PRIMARY KEY,
  querytext text NOT NULL
);

INSERT INTO livegrains.orleansquery (querykey, querytext) VALUES
('InsertMembershipVersionKey', $$
WITH made AS (INSERT INTO livegrains.cluster (cluster) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1)
SELECT count(*)::integer FROM made
$$),
('UpdateIAmAlivetimeKey', $$
UPDATE livegrains.silo SET alive_at = @IAmAliveTime
WHERE cluster = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$$),
-- A change counts only against the version that was read: of two at once the second waits for the row, finds another version and does nothing.
('InsertMembershipKey', $$
WITH turn AS (
  UPDATE livegrains.cluster SET version = version + 1 WHERE cluster = @DeploymentId AND version = @Version
    AND NOT EXISTS (SELECT FROM livegrains.silo s WHERE s.cluster = @DeploymentId AND s.address = @Address AND s.port = @Port AND s.generation = @Generation)
  RETURNING cluster
), made AS (
  INSERT INTO livegrains.silo (cluster, address, port, generation, name, host, status, proxy_port, started_at, alive_at)
  SELECT cluster, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM turn
  RETURNING 1
)
SELECT count(*)::integer FROM made
$$),
('UpdateMembershipKey', $$
WITH turn AS (
  UPDATE livegrains.cluster SET version = version + 1 WHERE cluster = @DeploymentId AND version = @Version
    AND EXISTS (SELECT FROM livegrains.silo s WHERE s.cluster = @DeploymentId AND s.address = @Address AND s.port = @Port AND s.generation = @Generation)
  RETURNING cluster
), changed AS (
  UPDATE livegrains.silo s SET status = @Status, suspect_times = @SuspectTimes, alive_at = @IAmAliveTime
  FROM turn WHERE s.cluster = turn.cluster AND s.address = @Address AND s.port = @Port AND s.generation = @Generation
  RETURNING 1
)
SELECT count(*)::integer FROM changed
$$),
('MembershipReadRowKey', $$
SELECT c.cluster AS "DeploymentId", s.address AS "Address", s.port AS "Port", s.generation AS "Generation", s.name AS "SiloName", s.host AS "HostName",
  s.status AS "Status", s.proxy_port AS "ProxyPort", s.suspect_times AS "SuspectTimes", s.started_at AS "StartTime", s.alive_at AS "IAmAliveTime", c.version AS "Version"
FROM livegrains.cluster c LEFT JOIN livegrains.silo s ON s.cluster = c.cluster AND s.address = @Address AND s.port = @Port AND s.generation = @Generation
WHERE c.cluster = @DeploymentId
$$),
('MembershipReadAllKey', $$
SELECT c.cluster AS "DeploymentId", s.address AS "Address", s.port AS "Port", s.generation AS "Generation", s.name AS "SiloName", s.host AS "HostName",
  s.status AS "Status", s.proxy_port AS "ProxyPort", s.suspect_times AS "SuspectTimes", s.started_at AS "StartTime", s.alive_at AS "IAmAliveTime", c.version AS "Version"
FROM livegrains.cluster c LEFT JOIN livegrains.silo s ON s.cluster = c.cluster
WHERE c.cluster = @DeploymentId
$$),
('GatewaysQueryKey', $$
SELECT address AS "Address", proxy_port AS "ProxyPort", generation AS "Generation" FROM livegrains.silo
WHERE cluster = @DeploymentId AND status = @Status AND proxy_port > 0
$$),
('DeleteMembershipTableEntriesKey', $$
WITH gone AS (DELETE FROM livegrains.silo WHERE cluster = @DeploymentId)
DELETE FROM livegrains.cluster WHERE cluster = @DeploymentId
$$),
('CleanupDefunctSiloEntriesKey', $$
DELETE FROM livegrains.silo WHERE cluster = @DeploymentId AND alive_at < @IAmAliveTime AND status <> 3
$$);
