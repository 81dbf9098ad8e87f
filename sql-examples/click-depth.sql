-- How many clicks is each page away from the home page, and how many links lead to it?
--
-- Requests: 75 on the sample crawl, for all internal links (74,897 of 76,140); none with a kept crawl (keep-crawl.sql).
-- `links` is the crawl; README.md says how to name it. The home page is `/` or an index page, unless another is named:
-- .parameter set :home "'/en/'"

-- The links that a visitor can follow. The rest reads this copy, so the API is asked once.
CREATE TEMP TABLE inside AS
SELECT page_from, page_to, count(*) AS links, max(type <> 'redirect') AS from_page
FROM links
WHERE direction = 'internal' AND type NOT IN ('link', 'canonical', 'alternate')
GROUP BY page_from, page_to;

CREATE INDEX temp.inside_from ON inside (page_from, page_to);
CREATE INDEX temp.inside_to ON inside (page_to);

CREATE TEMP TABLE home AS
SELECT coalesce(:home, (SELECT page_from FROM inside
                        WHERE page_from IN ('/', '/index.html', '/index.htm', '/index.php', '/home')
                        ORDER BY length(page_from) LIMIT 1)) AS page;

-- Wave by wave from the home page. UNION drops duplicates within a wave. The bound ends the recursion, since a page is found again
-- in every later wave; only its first one counts.
CREATE TEMP TABLE depth AS
WITH RECURSIVE wave (page, clicks) AS (
  SELECT page, 0 FROM home
  UNION
  SELECT inside.page_to, wave.clicks + 1
  FROM wave JOIN inside ON inside.page_from = wave.page
  WHERE wave.clicks < 12
)
SELECT page, min(clicks) AS clicks
FROM wave
GROUP BY page;

-- A target with links of its own is a page. Other targets are files, redirects, or missing.
CREATE TEMP TABLE page AS
SELECT crawled.page, depth.clicks,
       coalesce(sum(inside.links), 0) AS inlinks, count(inside.page_from) AS linked_by
FROM (SELECT DISTINCT page_from AS page FROM inside WHERE from_page) AS crawled
LEFT JOIN depth ON depth.page = crawled.page
LEFT JOIN inside ON inside.page_to = crawled.page AND inside.page_from <> crawled.page
GROUP BY crawled.page;

-- The site at a glance. Pages without a number of clicks can't be reached from the home page.
SELECT clicks, count(*) AS pages, round(avg(inlinks), 1) AS inlinks_each, min(inlinks) AS fewest, max(inlinks) AS most
FROM page
GROUP BY clicks
ORDER BY clicks IS NULL, clicks;

-- The pages that are hardest to reach.
SELECT page, clicks, inlinks, linked_by
FROM page
ORDER BY clicks IS NULL DESC, clicks DESC, linked_by, inlinks, page
LIMIT 30;

-- The pages with the most links to them.
SELECT page, clicks, inlinks, linked_by
FROM page
ORDER BY inlinks DESC, page
LIMIT 20;
