-- Which https pages have http links or http images?
--
-- Requests: 2 on the sample crawl: its 774 http links are one page of the API, its 893 images are another.
-- `links` is the crawl; README.md says how to name it.

-- Links: inside the site they cost a redirect or break, outside they leak.
SELECT direction, domain_to AS domain, count(*) AS links, count(DISTINCT page_from) AS pages, sum(is_broken = 1) AS broken,
       min(link_to) AS for_example
FROM links
WHERE page_from_scheme = 'https' AND page_to_scheme = 'http'
GROUP BY direction, domain_to
ORDER BY direction DESC, links DESC, domain
LIMIT 30;

-- Images: browsers show a warning, or nothing. Whether the API can filter by image_src differs: `type` is what narrows it down.
SELECT image_src, count(DISTINCT page_from) AS pages, min(page_from) AS for_example
FROM links
WHERE page_from_scheme = 'https' AND type = 'image' AND lower(substr(image_src, 1, 5)) = 'http:'
GROUP BY image_src
ORDER BY pages DESC, image_src
LIMIT 30;
