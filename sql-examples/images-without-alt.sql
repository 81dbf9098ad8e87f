-- Which images have no alternative text?
--
-- If a link consists of an image alone, the alternative text is its anchor text, too.
--
-- Requests: 1 on the sample crawl. Only the images are fetched (893 of 76,140 links).
-- `links` is the crawl; README.md says how to name it.

-- A missing, an empty and a blank text are the same to a reader. SQLite selects them, since the API can't look for a null.
SELECT image_src AS image, link_to AS leads_to, count(DISTINCT page_from) AS pages, min(page_from) AS for_example,
       CASE WHEN image_alt IS NULL THEN 'none' ELSE 'empty' END AS alternative_text
FROM links
WHERE type = 'image' AND trim(coalesce(image_alt, '')) = ''
GROUP BY image_src, link_to, image_alt IS NULL
ORDER BY pages DESC, image, leads_to, alternative_text
LIMIT 50;
