-- Which links inside the site are nofollow?
--
-- Such a link hides a page of your own from search engines. That makes sense for a cart or a login, rarely for other pages.
--
-- Requests: 1 on the sample crawl (it has no such link).
-- `links` is the crawl; README.md says how to name it.

SELECT page_to AS target, count(*) AS links, count(DISTINCT page_from) AS pages, link_attribute AS rel,
       min(page_from) AS for_example, min(text) AS anchor_text
FROM links
WHERE direction = 'internal' AND dofollow = 0
GROUP BY page_to, link_attribute
ORDER BY links DESC, target, rel
LIMIT 50;
