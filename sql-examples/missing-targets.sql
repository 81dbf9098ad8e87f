-- Which missing targets are linked most, and where should repairs begin?
--
-- Requests: 9 on the sample crawl. Only the broken links are fetched.
-- `links` is the crawl; README.md says how to name it.

-- `mended` says how much of the damage is repaired once this target and all those above it are.
WITH target AS (
  SELECT link_to, page_to_status_code AS status, count(*) AS links, count(DISTINCT page_from) AS pages,
         min(page_from) AS for_example
  FROM links
  WHERE is_broken = 1
  GROUP BY link_to, page_to_status_code
)
SELECT link_to, status, links, pages, for_example,
       printf('%.1f %%', 100.0 * sum(links) OVER (ORDER BY links DESC, link_to, status) / sum(links) OVER ()) AS mended
FROM target
ORDER BY links DESC, link_to, status
LIMIT 30;
