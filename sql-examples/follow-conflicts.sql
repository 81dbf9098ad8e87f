-- Which targets have both follow and nofollow links?
--
-- One follow link cancels the effect of all nofollow links to its target, so one of the two is a mistake.
--
-- Requests: 1 on the sample crawl (it has no nofollow link); else the nofollow links and those that share a target with them. The
-- API marks these links itself (is_link_relation_conflict), but may not be able to filter by the mark: finding them by it may fetch
-- the whole crawl. `links` is the crawl; README.md says how to name it.

CREATE TEMP TABLE nofollow AS
SELECT link_to, page_from, text
FROM links
WHERE dofollow = 0;

-- The list is sent as one condition.
CREATE TEMP TABLE follow AS
SELECT link_to, page_from, text, is_link_relation_conflict AS marked
FROM links
WHERE dofollow = 1 AND link_to IN (SELECT link_to FROM nofollow);

SELECT follow.link_to, follow.links AS follow, nofollow.links AS nofollow,
       CASE WHEN follow.links < nofollow.links THEN 'follow on ' || follow.page
            ELSE 'nofollow on ' || nofollow.page END AS the_fewer,
       follow.marked AS marked_by_api
FROM (SELECT link_to, count(*) AS links, min(page_from) AS page, max(marked) AS marked
      FROM follow
      GROUP BY link_to) AS follow
JOIN (SELECT link_to, count(*) AS links, min(page_from) AS page
      FROM nofollow
      GROUP BY link_to) AS nofollow USING (link_to)
ORDER BY follow.links + nofollow.links DESC, follow.link_to
LIMIT 50;
