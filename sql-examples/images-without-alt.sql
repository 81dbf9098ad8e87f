-- Which images have no alternative text?
--
-- Where the image is all that a link consists of, its alternative text is the anchor text, too.
--
-- Requests: 1 on the sample crawl. Only the images are fetched (893 of 76,140 links).
-- `links` is the crawl; README.md says how to name it.

-- Without one, empty and blank are the same to a reader, so SQLite sorts them out: the API can't look for a null.
SELECT image_src AS image, link_to AS leads_to, count(DISTINCT page_from) AS pages, min(page_from) AS for_example,
       CASE WHEN image_alt IS NULL THEN 'none' ELSE 'empty' END AS alternative_text
FROM links
WHERE type = 'image' AND trim(coalesce(image_alt, '')) = ''
GROUP BY image_src, link_to, image_alt IS NULL
ORDER BY pages DESC, image, leads_to, alternative_text
LIMIT 50;
