-- Which broken links are new since the last crawl, which are fixed, and which are still there?
--
-- Requests: 9 on the sample crawl, and as many for the older one unless it was kept. Only broken links are fetched.
-- `links` is the new crawl and `links_before` the older one, either another task or a kept copy; README.md says how to name them.

-- A link is identified by the page that has it and by its target.
CREATE TEMP TABLE broken_now AS
SELECT page_from, link_to, min(text) AS anchor_text, min(page_to_status_code) AS status, count(*) AS times
FROM links
WHERE is_broken = 1
GROUP BY page_from, link_to;

CREATE TEMP TABLE broken_before AS
SELECT page_from, link_to, min(text) AS anchor_text, min(page_to_status_code) AS status, count(*) AS times
FROM links_before
WHERE is_broken = 1
GROUP BY page_from, link_to;

-- SQLite before 3.39 has no FULL JOIN.
CREATE TEMP TABLE change AS
SELECT CASE WHEN old.page_from IS NULL THEN 'new' ELSE 'still broken' END AS change, new.*
FROM broken_now AS new LEFT JOIN broken_before AS old ON old.page_from = new.page_from AND old.link_to = new.link_to
UNION ALL
SELECT 'mended', old.*
FROM broken_before AS old LEFT JOIN broken_now AS new ON new.page_from = old.page_from AND new.link_to = old.link_to
WHERE new.page_from IS NULL;

SELECT change, count(*) AS places, sum(times) AS links, count(DISTINCT link_to) AS targets, count(DISTINCT page_from) AS pages
FROM change
GROUP BY change
ORDER BY change = 'still broken', change = 'mended', change;

-- First the new ones, then the fixed ones.
SELECT change, page_from AS page, anchor_text, link_to, status
FROM change
WHERE change IN ('new', 'mended')
ORDER BY change = 'mended', page_from, link_to
LIMIT 50;
