-- Which https pages have http links or http images?
--
-- Requests: 2 on the sample crawl: one for its 774 http links, one for its 893 images.
-- `links` is the crawl; README.md says how to name it.

-- Links: inside the site they cost a redirect or are broken, outside they leak.
SELECT direction, domain_to AS domain, count(*) AS links, count(DISTINCT page_from) AS pages, sum(is_broken = 1) AS broken,
       min(link_to) AS for_example
FROM links
WHERE page_from_scheme = 'https' AND page_to_scheme = 'http'
GROUP BY direction, domain_to
ORDER BY direction DESC, links DESC, domain
LIMIT 30;

-- Images: browsers show a warning, or no image. Not every API server can filter by image_src, so `type` narrows it down.
SELECT image_src, count(DISTINCT page_from) AS pages, min(page_from) AS for_example
FROM links
WHERE page_from_scheme = 'https' AND type = 'image' AND lower(substr(image_src, 1, 5)) = 'http:'
GROUP BY image_src
ORDER BY pages DESC, image_src
LIMIT 30;
