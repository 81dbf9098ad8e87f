-- How to keep a crawl before its results expire (the API forgets them after 30 days)?
--
-- Requests: 77 on the sample crawl: every link is fetched.
-- `links` is the crawl; README.md says how to name it. Start the shell with the database file that the crawl is to be added to:
-- sqlite3 crawls.db …

-- The whole crawl is read before the file is changed: if a request fails, the file stays as it was.
CREATE TEMP TABLE fresh AS
SELECT task_id, strftime('%Y-%m-%dT%H:%M:%SZ', 'now') AS kept_at, crawl_progress, *
FROM links;

-- The columns are declared, since CREATE TABLE … AS loses BOOLEAN, and programs that look at the declaration would show 0 and 1.
CREATE TABLE IF NOT EXISTS kept_links (
  task_id TEXT, kept_at TEXT, crawl_progress TEXT,
  type TEXT, domain_from TEXT, domain_to TEXT, page_from TEXT, page_to TEXT, link_from TEXT, link_to TEXT, link_attribute TEXT,
  dofollow BOOLEAN, page_from_scheme TEXT, page_to_scheme TEXT, direction TEXT, is_broken BOOLEAN, text TEXT,
  is_link_relation_conflict BOOLEAN, page_to_status_code INTEGER, image_alt TEXT, image_src TEXT, is_valid_hreflang BOOLEAN,
  hreflang TEXT
);

CREATE INDEX IF NOT EXISTS kept_links_by_page ON kept_links (task_id, page_from);
CREATE INDEX IF NOT EXISTS kept_links_by_target ON kept_links (task_id, page_to);
CREATE INDEX IF NOT EXISTS kept_links_broken ON kept_links (task_id, link_to) WHERE is_broken = 1;

-- Keeping a crawl again replaces it, so one that was still in progress can be completed later.
BEGIN;
DELETE FROM kept_links WHERE task_id IN (SELECT task_id FROM fresh);
INSERT INTO kept_links SELECT * FROM fresh;
COMMIT;

SELECT task_id, kept_at, crawl_progress, count(*) AS links, count(DISTINCT page_from) AS pages, sum(is_broken = 1) AS broken
FROM kept_links
GROUP BY task_id
ORDER BY kept_at, task_id;
