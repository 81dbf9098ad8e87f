-- The broken links of a crawl, by the page that has them.

-- How much is broken? Both counts come from the API: no row is fetched for them.
SELECT (SELECT count(*) FROM onpage_links('07131248-1535-0216-1000-17384017ad04')) AS links,
       (SELECT count(*) FROM onpage_links('07131248-1535-0216-1000-17384017ad04') WHERE is_broken = 1) AS broken;

-- A table of your own: who is responsible for which page.
CREATE TEMP TABLE pages (path TEXT PRIMARY KEY, owner TEXT);
INSERT INTO pages VALUES
  ('/requirements.html', 'quality'),
  ('/chronology.html', 'releases'),
  ('/changes.html', 'releases'),
  ('/oldnews.html', 'releases'),
  ('/cves.html', 'security'),
  ('/loadext.html', 'documentation'),
  ('/vfs.html', 'documentation');

-- The pages with the most links to missing targets, and whom to tell.
SELECT link.page_from AS page, pages.owner, count(*) AS broken, count(DISTINCT link.link_to) AS targets
FROM onpage_links AS link LEFT JOIN pages ON pages.path = link.page_from
WHERE link.task_id = '07131248-1535-0216-1000-17384017ad04' AND link.is_broken = 1
GROUP BY link.page_from
ORDER BY broken DESC, page
LIMIT 10;

-- What that would send to the API.
EXPLAIN QUERY PLAN
SELECT link.page_from AS page, pages.owner, count(*) AS broken, count(DISTINCT link.link_to) AS targets
FROM onpage_links AS link LEFT JOIN pages ON pages.path = link.page_from
WHERE link.task_id = '07131248-1535-0216-1000-17384017ad04' AND link.is_broken = 1
GROUP BY link.page_from
ORDER BY broken DESC, page
LIMIT 10;

-- What was sent to the API so far: two counts of one row each, and the pages of the report.
SELECT seq, json_extract(body, '$.filters') AS filters, json_extract(body, '$.limit') AS "limit",
       json_extract(body, '$.offset') AS "offset", items, total_items_count AS total
FROM onpage_requests;
