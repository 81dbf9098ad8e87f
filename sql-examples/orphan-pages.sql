-- Which pages of the sitemap have no link to them?
--
-- Requests: 75 on the sample crawl: all internal links are needed, 74,897 of 76,140. (For a sitemap of fewer pages than that,
-- `WHERE NOT EXISTS (SELECT 1 FROM links WHERE direction = 'internal' AND page_to = …)` is one request for each page of it.)
-- `links` is the crawl; README.md says how to name it. The sitemap is read from the shell's working directory, as
-- sql-examples/sitemap.xml unless another is named: .parameter set :sitemap "'public/sitemap.xml'"
-- (readfile() is a function of the sqlite3 shell; elsewhere, fill the table `sitemap` in another way.)

-- The sitemap as a table. It is made a JSON array, split before each <loc>: SQLite takes that apart in one pass.
CREATE TEMP TABLE sitemap AS
WITH piece (piece) AS (
  SELECT value
  FROM json_each('[' || replace(json_quote(CAST(readfile(coalesce(:sitemap, 'sql-examples/sitemap.xml')) AS TEXT)),
                                '<loc>', '","<loc>') || ']')
  WHERE value LIKE '<loc>%'
), location (address) AS (
  SELECT replace(trim(substr(piece, 6, instr(piece, '</loc>') - 6), ' ' || char(9, 10, 13)), '&amp;', '&')
  FROM piece
), after_scheme (address) AS (
  SELECT substr(address, instr(address, '://') + 3)
  FROM location
)
SELECT DISTINCT coalesce(nullif(substr(address, instr(address || '/', '/')), ''), '/') AS page
FROM after_scheme;

-- A page's links to itself don't count.
CREATE TEMP TABLE linked AS
SELECT page_to AS page, count(*) AS links
FROM links
WHERE direction = 'internal' AND type NOT IN ('link', 'canonical', 'alternate') AND page_from <> page_to
GROUP BY page_to;

SELECT count(*) AS in_sitemap, count(linked.page) AS linked, sum(linked.page IS NULL) AS orphans
FROM sitemap LEFT JOIN linked USING (page);

SELECT page AS orphan
FROM sitemap
WHERE page NOT IN (SELECT page FROM linked WHERE page IS NOT NULL)
ORDER BY page;
