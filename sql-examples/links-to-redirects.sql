-- Which links lead to a redirect, and where should they lead instead?
--
-- Requests: 2 on the sample crawl (it has no redirects): one for the redirects, one for the links to them.
-- `links` is the crawl; README.md says how to name it.

-- A redirect is a link of its own: from the address that redirects to the one that it redirects to.
CREATE TEMP TABLE hop AS
SELECT DISTINCT link_from, link_to
FROM links
WHERE type = 'redirect';

-- A range is sent as one condition.
CREATE TEMP TABLE detour AS
SELECT page_from, link_to, text, page_to_status_code AS status
FROM links
WHERE page_to_status_code BETWEEN 300 AND 399 AND type <> 'redirect';

-- Follows each redirect to its end. More than ten hops are too many for a browser; loops end there, too.
CREATE TEMP TABLE road AS
WITH RECURSIVE walk (start, address, hops) AS (
  SELECT DISTINCT link_to, link_to, 0 FROM detour
  UNION
  SELECT walk.start, hop.link_to, walk.hops + 1
  FROM walk JOIN hop ON hop.link_from = walk.address
  WHERE walk.hops < 10
)
SELECT start, address AS destination, max(hops) AS hops
FROM walk
GROUP BY start;

-- The targets to replace, those with the most links first.
SELECT detour.link_to, detour.status,
       CASE WHEN road.hops = 0 THEN 'not known' WHEN road.hops = 10 THEN 'a loop' ELSE road.destination END AS link_this_instead,
       road.hops, count(*) AS links, count(DISTINCT detour.page_from) AS pages
FROM detour JOIN road ON road.start = detour.link_to
GROUP BY detour.link_to, detour.status
ORDER BY links DESC, detour.link_to, detour.status
LIMIT 30;

-- The pages that have them.
SELECT page_from AS page, text AS anchor_text, link_to, count(*) AS times
FROM detour
GROUP BY page_from, text, link_to
ORDER BY page_from, link_to, text
LIMIT 50;
