-- What is wrong with the hreflang links?
--
-- Requests: 1 on the sample crawl (it has none). Only the alternate links are fetched.
-- `links` is the crawl; README.md says how to name it.

-- Feeds are alternate links, too, but have no language.
CREATE TEMP TABLE alternate AS
SELECT link_from, link_to, hreflang, is_valid_hreflang, is_broken, page_to_status_code, direction
FROM links
WHERE type = 'alternate' AND hreflang IS NOT NULL;

CREATE INDEX temp.alternate_by_page ON alternate (link_from, link_to);

WITH fault (page, hreflang, target, fault) AS (
  SELECT link_from, hreflang, link_to, 'no such language or region'
  FROM alternate
  WHERE is_valid_hreflang = 0

  UNION
  SELECT link_from, hreflang, link_to, 'target answers ' || coalesce(page_to_status_code, 'with an error')
  FROM alternate
  WHERE is_broken = 1 OR page_to_status_code <> 200

  -- Search engines accept a translation only if it links back to the page that names it.
  UNION
  SELECT link_from, hreflang, link_to, 'target does not link back'
  FROM alternate AS there
  WHERE direction = 'internal' AND page_to_status_code = 200 AND link_from <> link_to
    AND NOT EXISTS (SELECT 1 FROM alternate AS back WHERE back.link_from = there.link_to AND back.link_to = there.link_from)

  UNION
  SELECT link_from, lower(hreflang), group_concat(DISTINCT link_to), 'one language, several targets'
  FROM (SELECT * FROM alternate ORDER BY link_to)
  GROUP BY link_from, lower(hreflang)
  HAVING count(DISTINCT link_to) > 1

  UNION
  SELECT link_from, NULL, NULL, 'page does not name itself'
  FROM alternate
  GROUP BY link_from
  HAVING NOT max(link_from = link_to)

  UNION
  SELECT link_from, NULL, NULL, 'no x-default'
  FROM alternate
  GROUP BY link_from
  HAVING NOT max(lower(hreflang) = 'x-default')
)
SELECT * FROM fault
ORDER BY page, fault, hreflang, target
LIMIT 100;
