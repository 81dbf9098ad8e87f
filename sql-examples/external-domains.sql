-- Which other domains does the site link to, how often, and from how many pages?
--
-- Requests: 2 on the sample crawl. Only the external links are fetched (1,243 of 76,140).
-- `links` is the crawl; README.md says how to name it.

SELECT domain_to AS domain, count(*) AS links, count(DISTINCT page_from) AS pages, count(DISTINCT link_to) AS targets,
       sum(dofollow = 0) AS nofollow, sum(page_to_scheme = 'http') AS http, min(page_from) AS for_example
FROM links
WHERE direction = 'external'
GROUP BY domain_to
ORDER BY links DESC, domain
LIMIT 40;
