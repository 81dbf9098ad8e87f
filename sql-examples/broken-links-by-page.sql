-- Which pages have broken links, and on which words?
--
-- Requests: 9 on the sample crawl. Only the broken links are fetched (8,222 of 76,140).
-- `links` is the crawl; README.md says how to name it.

-- The worst pages first, each with the five broken targets that it links most often. Delete the line with `place` for all of them.
WITH broken AS (
  SELECT page_from, link_to, page_to_status_code AS status, text
  FROM links
  WHERE is_broken = 1
), target AS (
  SELECT page_from, link_to, status, count(*) AS times, min(text) AS words, count(DISTINCT text) AS wordings,
         sum(count(*)) OVER (PARTITION BY page_from) AS on_page,
         row_number() OVER (PARTITION BY page_from ORDER BY count(*) DESC, link_to) AS place
  FROM broken
  GROUP BY page_from, link_to, status
)
SELECT page_from AS page, on_page AS broken_on_page, link_to, status, times,
       CASE WHEN wordings > 1 THEN words || ' (and ' || (wordings - 1) || ' more)' ELSE words END AS anchor_text
FROM target
WHERE place <= 5
ORDER BY on_page DESC, page_from, place
LIMIT 50;
