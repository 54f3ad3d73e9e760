-- Cells of the table of turnover by sector, region and size, with the six largest contributions and whose they are. `firms` has a row per
-- unit: unit, holding (empty without one), sector, region, size, turnover. `sectors` and `regions` are hierarchies: code and parent, the
-- parent of the topmost codes empty. Standard SQL, the same for DuckDB, DataFusion, Spark and PostgreSQL.
WITH RECURSIVE
  -- Every code with itself, with every code above it, and with the total.
  sector_above AS (
    SELECT code, code AS above FROM sectors
    UNION ALL
    SELECT below.code, CASE WHEN sectors.parent = '' THEN 'Total' ELSE sectors.parent END
    FROM sector_above AS below JOIN sectors ON below.above = sectors.code
  ),
  region_above AS (
    SELECT code, code AS above FROM regions
    UNION ALL
    SELECT below.code, CASE WHEN regions.parent = '' THEN 'Total' ELSE regions.parent END
    FROM region_above AS below JOIN regions ON below.above = regions.code
  ),
  size_above AS (
    SELECT DISTINCT size AS code, size AS above FROM firms
    UNION ALL
    SELECT DISTINCT size AS code, 'Total' AS above FROM firms
  ),
  -- What each holding contributes to each cell: its units are added up before anything is ranked.
  contributions AS (
    SELECT
      sector_above.above AS sector,
      region_above.above AS region,
      size_above.above AS size,
      CASE WHEN firms.holding = '' THEN firms.unit ELSE firms.holding END AS owner,
      SUM(firms.turnover) AS amount
    FROM firms
      JOIN sector_above ON sector_above.code = firms.sector
      JOIN region_above ON region_above.code = firms.region
      JOIN size_above ON size_above.code = firms.size
    GROUP BY 1, 2, 3, 4
  ),
  ranked AS (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY sector, region, size ORDER BY ABS(amount) DESC, owner) AS place
    FROM contributions
  )
SELECT
  sector,
  region,
  size,
  CAST(SUM(amount) AS BIGINT) AS turnover,
  COUNT(*) AS contributors,
  CAST(SUM(ABS(amount)) AS BIGINT) AS absolute,
  CAST(MAX(CASE WHEN place = 1 THEN ABS(amount) END) AS BIGINT) AS max_1,
  CAST(MAX(CASE WHEN place = 2 THEN ABS(amount) END) AS BIGINT) AS max_2,
  CAST(MAX(CASE WHEN place = 3 THEN ABS(amount) END) AS BIGINT) AS max_3,
  CAST(MAX(CASE WHEN place = 4 THEN ABS(amount) END) AS BIGINT) AS max_4,
  CAST(MAX(CASE WHEN place = 5 THEN ABS(amount) END) AS BIGINT) AS max_5,
  CAST(MAX(CASE WHEN place = 6 THEN ABS(amount) END) AS BIGINT) AS max_6,
  MAX(CASE WHEN place = 1 THEN owner END) AS max_1_id,
  MAX(CASE WHEN place = 2 THEN owner END) AS max_2_id,
  MAX(CASE WHEN place = 3 THEN owner END) AS max_3_id,
  MAX(CASE WHEN place = 4 THEN owner END) AS max_4_id,
  MAX(CASE WHEN place = 5 THEN owner END) AS max_5_id,
  MAX(CASE WHEN place = 6 THEN owner END) AS max_6_id
FROM ranked
GROUP BY sector, region, size
ORDER BY sector, region, size
